import FakeEngine
import HTTPTypes
import TestSupport
import Testing

@testable import Berth
@testable import BerthServer

/// Request and run metrics in `GET /metrics`.
@Suite(.timeLimit(.minutes(5))) struct MetricsRouteTests {
    private func value(_ series: String, _ client: RouterClient) async throws -> Double? {
        let answer = try await client.send(.get, "/metrics")
        #expect(answer.status == 200)
        return answer.body.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.dropFirst(series.utf8.count + 1)) }
    }

    @Test func `Each format has its media type`() async throws {
        let client = try await RouterClient()
        let plain = try await client.send(.get, "/metrics")
        #expect(plain.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        let open = try await client.send(.get, "/metrics", headers: [.accept: "application/openmetrics-text"])
        #expect(open.headers[.contentType] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(open.body.hasSuffix("# EOF\n"))
    }

    @Test func `Without metrics the endpoint is not found, and all else works`() async throws {
        let client = try await RouterClient(hasMetrics: false)
        try expectProblem(try await client.send(.get, "/metrics"), 404, "no_metrics")
        #expect(try await client.send(.get, "/healthz").headers[.serverTiming] != nil)
    }

    @Test func `Requests are counted by method, route and status`() async throws {
        let client = try await RouterClient()
        for path in ["/healthz", "/healthz", "/v1/runs/nothing", "/v1/runs/else", "/wp-admin", "/.env"] {
            _ = try await client.send(.get, path)
        }
        _ = try await client.send(.patch, "/healthz")
        let strange = try #require(HTTPRequest.Method("FROBNICATE"))
        _ = try await client.send(strange, "/nowhere")
        let counts = [
            (#"method="GET",route="/healthz",status="200""#, 2.0),
            (#"method="GET",route="/v1/runs/{run}",status="404""#, 2),
            (#"method="GET",route="none",status="404""#, 2), (#"method="PATCH",route="/healthz",status="405""#, 1),
            (#"method="other",route="none",status="404""#, 1),
        ]
        for (labels, count) in counts {
            #expect(try await value("berth_http_requests_total{\(labels)}", client) == count, "\(labels)")
            #expect(try await value("berth_http_request_duration_seconds_count{\(labels)}", client) == count)
        }
        #expect(try await value("berth_http_requests_in_flight", client) == 1, "the one that asks")
    }

    @Test func `Runs are counted by app and outcome`() async throws {
        try await withFakeEngine(FakeEngineBehavior(refusing: { $0.isMultiple(of: 3) })) { client, _ in
            try await client.create("app")
            _ = try await client.send(.post, "/v1/apps/app/runs", #"{"count":6}"#)
            #expect(try await value(#"berth_runs_started_total{app="app"}"#, client) == 4)
            let failed = #"berth_runs_failed_total{app="app",reason="refused"}"#
            #expect(try await value(failed, client) == 2)
            #expect(try await value(#"berth_runs{state="running"}"#, client) == 4)
            #expect(try await value(#"berth_app_runs_running{app="app"}"#, client) == 4)
            for phase in ["record", "create", "start"] {
                let count = try await value(#"berth_run_phase_duration_seconds_count{phase="\#(phase)"}"#, client)
                #expect(try #require(count) >= 1, "\(phase)")
            }
            let create = #"berth_engine_call_duration_seconds_count{host="local",operation="createContainer"}"#
            #expect(try await value(create, client) == 6)
            let errors =
                #"berth_engine_call_errors_total{host="local",operation="createContainer",reason="400"}"#
            #expect(try await value(errors, client) == 2)
            #expect(try await value(#"berth_host_state{host="local",state="connected"}"#, client) == 1)
            let statement = #"statement="recordIntents",use="write""#
            #expect(try await value("berth_store_transaction_duration_seconds_count{\(statement)}", client) == 1)
            let gone = try await client.send(.delete, "/v1/apps/app?force=true")
            #expect(gone.status == 204, "\(gone.body)")
            #expect(try await value(#"berth_runs_started_total{app="app"}"#, client) == nil)
            #expect(try await value(failed, client) == nil)
        }
    }
}
