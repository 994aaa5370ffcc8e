from typing import Literal, cast

TokenErrorCode = Literal[
    "invalid_client",
    "invalid_request",
    "invalid_scope",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_token_type",
]

TOKEN_ERROR_CODE_VALUES: set[TokenErrorCode] = {
    "invalid_client",
    "invalid_request",
    "invalid_scope",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_token_type",
}


def check_token_error_code(value: str) -> TokenErrorCode:
    # As it is: a newer server may have more values than this client knows.
    return cast(TokenErrorCode, value)
