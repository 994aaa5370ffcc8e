"""Contains all the data models used in inputs/outputs"""

from .agent import Agent
from .agent_metadata import AgentMetadata
from .agent_order import AgentOrder
from .agent_page import AgentPage
from .agent_status import AgentStatus
from .authorization_server_metadata import AuthorizationServerMetadata
from .config import Config
from .config_change import ConfigChange
from .config_page import ConfigPage
from .config_schema_type_0 import ConfigSchemaType0
from .config_version import ConfigVersion
from .config_version_page import ConfigVersionPage
from .config_version_schema_type_0 import ConfigVersionSchemaType0
from .field_error import FieldError
from .health import Health
from .health_status import HealthStatus
from .jwk import Jwk
from .jwk_set import JwkSet
from .new_agent import NewAgent
from .new_agent_metadata import NewAgentMetadata
from .patch_agent import PatchAgent
from .patch_agent_metadata_type_0 import PatchAgentMetadataType0
from .problem import Problem
from .problem_code import ProblemCode
from .restore_config import RestoreConfig
from .set_config import SetConfig
from .set_config_schema_type_0 import SetConfigSchemaType0
from .token_error import TokenError
from .token_error_code import TokenErrorCode
from .token_request import TokenRequest
from .token_response import TokenResponse
from .update_agent import UpdateAgent
from .update_agent_metadata import UpdateAgentMetadata

__all__ = (
    "Agent",
    "AgentMetadata",
    "AgentOrder",
    "AgentPage",
    "AgentStatus",
    "AuthorizationServerMetadata",
    "Config",
    "ConfigChange",
    "ConfigPage",
    "ConfigSchemaType0",
    "ConfigVersion",
    "ConfigVersionPage",
    "ConfigVersionSchemaType0",
    "FieldError",
    "Health",
    "HealthStatus",
    "Jwk",
    "JwkSet",
    "NewAgent",
    "NewAgentMetadata",
    "PatchAgent",
    "PatchAgentMetadataType0",
    "Problem",
    "ProblemCode",
    "RestoreConfig",
    "SetConfig",
    "SetConfigSchemaType0",
    "TokenError",
    "TokenErrorCode",
    "TokenRequest",
    "TokenResponse",
    "UpdateAgent",
    "UpdateAgentMetadata",
)
