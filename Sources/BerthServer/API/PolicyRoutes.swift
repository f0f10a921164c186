import Berth
import BerthAPI
import Hummingbird

/// Routes for the policy.
struct PolicyRoutes: Sendable {
    let policies: Policies

    var routes: [Route] {
        [
            Route(.policy) { _, _ in Response(.ok, policies.current.json) },
            Route(.replacePolicy, body: Policy.schema, replace),
        ]
    }

    @Sendable private func replace(_ request: Request, _ context: APIContext) async throws -> Response {
        let policy = try Policy(await request.json())
        try await policies.replace(with: policy, by: context.caller)
        return Response(.ok, policy.json)
    }
}
