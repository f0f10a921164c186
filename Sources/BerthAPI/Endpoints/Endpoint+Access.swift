// Tokens and sessions.

extension Endpoint<TokenJSON> {
    package static let createToken = Endpoint(
        "createToken",
        .post,
        "/v1/tokens",
        "Makes a token, whose text is in this response only.",
        needs: .administer,
        body: .fields(["name", "role", "apps", "expires_in"]),
        status: 201,
        takesKey: false,
        problems: [.tokenExists, .tooManyTokens]
    )
}

extension Endpoint<PageJSON<TokenJSON>> {
    package static let tokens = Endpoint(
        "listTokens",
        .get,
        "/v1/tokens",
        "Lists the tokens, the oldest first.",
        needs: .administer,
        parameters: [.limit, .cursor],
        usesStore: false
    )
}

extension Endpoint<NoBody> {
    package static let deleteToken = Endpoint(
        "deleteToken",
        .delete,
        "/v1/tokens/{token}",
        "Revokes a token, and ends its open requests and sessions.",
        needs: .administer,
        status: 204,
        problems: [.tokenNotFound]
    )
    package static let beginSession = Endpoint(
        "beginSession",
        .post,
        "/v1/session",
        "Gives a browser a cookie that acts as a token.",
        needs: .anyone,
        body: .fields(["token"]),
        status: 204,
        takesKey: false,
        problems: [.unauthenticated]
    )
    package static let endSession = Endpoint(
        "endSession",
        .delete,
        "/v1/session",
        "Ends the session of the browser's cookie.",
        needs: .view,
        status: 204
    )
}

extension Endpoint<PrincipalJSON> {
    package static let me = Endpoint(
        "getMe",
        .get,
        "/v1/me",
        "Returns who the sender is, and what it may do.",
        needs: .view,
        usesStore: false
    )
}
