"""Contains all the data models used in inputs/outputs"""

from .agent import Agent
from .agent_metadata import AgentMetadata
from .agent_order import AgentOrder
from .agent_page import AgentPage
from .agent_status import AgentStatus
from .aggregation import Aggregation
from .authorization_server_metadata import AuthorizationServerMetadata
from .bucket import Bucket
from .config import Config
from .config_change import ConfigChange
from .config_page import ConfigPage
from .config_schema_type_0 import ConfigSchemaType0
from .config_version import ConfigVersion
from .config_version_page import ConfigVersionPage
from .config_version_schema_type_0 import ConfigVersionSchemaType0
from .created_batch import CreatedBatch
from .created_embeddings import CreatedEmbeddings
from .dataset import Dataset
from .dataset_index import DatasetIndex
from .dataset_metadata import DatasetMetadata
from .dataset_page import DatasetPage
from .delete_embeddings import DeleteEmbeddings
from .deleted_embeddings import DeletedEmbeddings
from .distance import Distance
from .embedding import Embedding
from .embedding_metadata import EmbeddingMetadata
from .embedding_page import EmbeddingPage
from .field_error import FieldError
from .filter_ import Filter
from .found_embedding import FoundEmbedding
from .found_embedding_metadata import FoundEmbeddingMetadata
from .found_embeddings import FoundEmbeddings
from .found_many_embeddings import FoundManyEmbeddings
from .fusion import Fusion
from .health import Health
from .health_status import HealthStatus
from .imported_embeddings import ImportedEmbeddings
from .include import Include
from .index_kind import IndexKind
from .index_state import IndexState
from .introspection import Introspection
from .jwk import Jwk
from .jwk_set import JwkSet
from .language import Language
from .level import Level
from .log import Log
from .log_attributes import LogAttributes
from .log_field import LogField
from .log_page import LogPage
from .metric import Metric
from .metric_attributes import MetricAttributes
from .metric_kind import MetricKind
from .metric_page import MetricPage
from .metric_point import MetricPoint
from .metric_series import MetricSeries
from .metric_series_attributes import MetricSeriesAttributes
from .metric_series_set import MetricSeriesSet
from .metric_summary import MetricSummary
from .metric_summary_page import MetricSummaryPage
from .new_agent import NewAgent
from .new_agent_metadata import NewAgentMetadata
from .new_dataset import NewDataset
from .new_dataset_metadata import NewDatasetMetadata
from .new_embedding import NewEmbedding
from .new_embedding_metadata import NewEmbeddingMetadata
from .new_embeddings import NewEmbeddings
from .new_log import NewLog
from .new_log_attributes import NewLogAttributes
from .new_metric import NewMetric
from .new_metric_attributes import NewMetricAttributes
from .new_oauth_client import NewOauthClient
from .new_prompt import NewPrompt
from .new_prompt_config import NewPromptConfig
from .new_tool_usage import NewToolUsage
from .oauth_client import OauthClient
from .oauth_client_page import OauthClientPage
from .oauth_client_secret import OauthClientSecret
from .on_conflict import OnConflict
from .patch_agent import PatchAgent
from .patch_agent_metadata_type_0 import PatchAgentMetadataType0
from .patch_dataset import PatchDataset
from .patch_dataset_metadata_type_0 import PatchDatasetMetadataType0
from .patch_embedding import PatchEmbedding
from .patch_embedding_metadata_type_0 import PatchEmbeddingMetadataType0
from .presented_token import PresentedToken
from .problem import Problem
from .problem_code import ProblemCode
from .prompt import Prompt
from .prompt_config import PromptConfig
from .prompt_config_change import PromptConfigChange
from .prompt_config_change_kind import PromptConfigChangeKind
from .prompt_diff import PromptDiff
from .prompt_diff_hunk import PromptDiffHunk
from .prompt_diff_line import PromptDiffLine
from .prompt_diff_tag import PromptDiffTag
from .prompt_label import PromptLabel
from .prompt_label_move import PromptLabelMove
from .prompt_label_move_page import PromptLabelMovePage
from .prompt_label_page import PromptLabelPage
from .prompt_message import PromptMessage
from .prompt_page import PromptPage
from .prompt_role import PromptRole
from .prompt_type import PromptType
from .protected_resource_metadata import ProtectedResourceMetadata
from .ranks import Ranks
from .recall import Recall
from .record_order import RecordOrder
from .render_prompt import RenderPrompt
from .render_prompt_variables import RenderPromptVariables
from .rendered_message import RenderedMessage
from .rendered_prompt import RenderedPrompt
from .rendered_prompt_config import RenderedPromptConfig
from .restore_config import RestoreConfig
from .rotate_secret import RotateSecret
from .scope import Scope
from .search_embeddings import SearchEmbeddings
from .search_many_embeddings import SearchManyEmbeddings
from .search_method import SearchMethod
from .search_mode import SearchMode
from .set_config import SetConfig
from .set_config_schema_type_0 import SetConfigSchemaType0
from .set_prompt_label import SetPromptLabel
from .theme import Theme
from .token_error import TokenError
from .token_error_code import TokenErrorCode
from .token_request import TokenRequest
from .token_response import TokenResponse
from .tool_error_count import ToolErrorCount
from .tool_grouping import ToolGrouping
from .tool_statistics import ToolStatistics
from .tool_statistics_set import ToolStatisticsSet
from .tool_status import ToolStatus
from .tool_usage import ToolUsage
from .tool_usage_field import ToolUsageField
from .tool_usage_page import ToolUsagePage
from .update_agent import UpdateAgent
from .update_agent_metadata import UpdateAgentMetadata
from .update_dataset import UpdateDataset
from .update_dataset_metadata import UpdateDatasetMetadata

__all__ = (
    "Agent",
    "AgentMetadata",
    "AgentOrder",
    "AgentPage",
    "AgentStatus",
    "Aggregation",
    "AuthorizationServerMetadata",
    "Bucket",
    "Config",
    "ConfigChange",
    "ConfigPage",
    "ConfigSchemaType0",
    "ConfigVersion",
    "ConfigVersionPage",
    "ConfigVersionSchemaType0",
    "CreatedBatch",
    "CreatedEmbeddings",
    "Dataset",
    "DatasetIndex",
    "DatasetMetadata",
    "DatasetPage",
    "DeletedEmbeddings",
    "DeleteEmbeddings",
    "Distance",
    "Embedding",
    "EmbeddingMetadata",
    "EmbeddingPage",
    "FieldError",
    "Filter",
    "FoundEmbedding",
    "FoundEmbeddingMetadata",
    "FoundEmbeddings",
    "FoundManyEmbeddings",
    "Fusion",
    "Health",
    "HealthStatus",
    "ImportedEmbeddings",
    "Include",
    "IndexKind",
    "IndexState",
    "Introspection",
    "Jwk",
    "JwkSet",
    "Language",
    "Level",
    "Log",
    "LogAttributes",
    "LogField",
    "LogPage",
    "Metric",
    "MetricAttributes",
    "MetricKind",
    "MetricPage",
    "MetricPoint",
    "MetricSeries",
    "MetricSeriesAttributes",
    "MetricSeriesSet",
    "MetricSummary",
    "MetricSummaryPage",
    "NewAgent",
    "NewAgentMetadata",
    "NewDataset",
    "NewDatasetMetadata",
    "NewEmbedding",
    "NewEmbeddingMetadata",
    "NewEmbeddings",
    "NewLog",
    "NewLogAttributes",
    "NewMetric",
    "NewMetricAttributes",
    "NewOauthClient",
    "NewPrompt",
    "NewPromptConfig",
    "NewToolUsage",
    "OauthClient",
    "OauthClientPage",
    "OauthClientSecret",
    "OnConflict",
    "PatchAgent",
    "PatchAgentMetadataType0",
    "PatchDataset",
    "PatchDatasetMetadataType0",
    "PatchEmbedding",
    "PatchEmbeddingMetadataType0",
    "PresentedToken",
    "Problem",
    "ProblemCode",
    "Prompt",
    "PromptConfig",
    "PromptConfigChange",
    "PromptConfigChangeKind",
    "PromptDiff",
    "PromptDiffHunk",
    "PromptDiffLine",
    "PromptDiffTag",
    "PromptLabel",
    "PromptLabelMove",
    "PromptLabelMovePage",
    "PromptLabelPage",
    "PromptMessage",
    "PromptPage",
    "PromptRole",
    "PromptType",
    "ProtectedResourceMetadata",
    "Ranks",
    "Recall",
    "RecordOrder",
    "RenderedMessage",
    "RenderedPrompt",
    "RenderedPromptConfig",
    "RenderPrompt",
    "RenderPromptVariables",
    "RestoreConfig",
    "RotateSecret",
    "Scope",
    "SearchEmbeddings",
    "SearchManyEmbeddings",
    "SearchMethod",
    "SearchMode",
    "SetConfig",
    "SetConfigSchemaType0",
    "SetPromptLabel",
    "Theme",
    "TokenError",
    "TokenErrorCode",
    "TokenRequest",
    "TokenResponse",
    "ToolErrorCount",
    "ToolGrouping",
    "ToolStatistics",
    "ToolStatisticsSet",
    "ToolStatus",
    "ToolUsage",
    "ToolUsageField",
    "ToolUsagePage",
    "UpdateAgent",
    "UpdateAgentMetadata",
    "UpdateDataset",
    "UpdateDatasetMetadata",
)
