import DockerEngine
import FakeEngine
import SQL
import TestSupport
import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct SecretRunsTests {
    private func set(_ name: String, _ value: String, _ fake: FakePlatform) async throws {
        let name = try SecretName(name)
        try await fake.platform.secrets.set(name, of: AppName("web"), to: SecretValue(value), by: .tester)
    }

    private func define(_ fake: FakePlatform, image: String = "nginx", pull: PullPolicy = .missing) async throws {
        var settings = try AppSettings.example(image: image, variables: [("A", "1"), ("TOKEN", "shown"), ("B", "2")])
        settings.pull = pull
        _ = try await fake.platform.apps.create(AppName("web"), settings, by: .tester)
    }

    private func run(_ fake: FakePlatform, _ overrides: RunOverrides = RunOverrides()) async throws -> RunOutcome {
        let request = RunRequest(app: try AppName("web"), overrides: overrides)
        return try #require(try await fake.runner.start(request, by: .tester).first)
    }

    @Test func `A run gets the secrets as variables, which take precedence, and its label has their names`()
        async throws
    {
        try await FakePlatform.with { fake in
            try await define(fake)
            try await set("TOKEN", "hunter2", fake)
            try await set("KEY", "a\nb", fake)
            let variables = try Variables([Variable(name: "KEY", value: "of this run")])
            let outcome = try await run(fake, RunOverrides(variables: variables))
            #expect(outcome.run.state == .running)
            let container = try #require(try await fake.engine.containers.first)
            #expect(container.environment == ["A=1", "B=2", "KEY=a\nb", "TOKEN=hunter2"])
            #expect(container.labels["berth.secrets"] == "KEY,TOKEN")
            #expect(!container.labels.values.contains { $0.contains("hunter2") })
        }
    }

    @Test func `A run of an app without secrets has no label for them`() async throws {
        try await FakePlatform.with { fake in
            try await define(fake)
            _ = try await run(fake)
            let container = try #require(try await fake.engine.containers.first)
            #expect(container.environment == ["A=1", "TOKEN=shown", "B=2"])
            #expect(container.labels["berth.secrets"] == nil)
        }
    }

    @Test func `A queued run gets the secrets as well`() async throws {
        try await FakePlatform.with { fake in
            try await define(fake)
            try await set("TOKEN", "hunter2", fake)
            let queued = try await fake.runner.enqueue(RunRequest(app: AppName("web")), by: .tester)
            let service = QueuedRuns(runner: fake.runner)
            try await withTask {
                try await service.run()
            } during: {
                try await eventually("it is started") { fake.state(of: queued[0]) == .running }
            }
            #expect(try await fake.engine.containers.first?.environment.contains("TOKEN=hunter2") == true)
        }
    }

    @Test func `A secret that cannot be decrypted fails the run by its name, and no container is made`() async throws {
        try await FakePlatform.with { fake in
            try await define(fake)
            try await set("TOKEN", "hunter2", fake)
            try await set("OTHER", "hunter3", fake)
            try await fake.platform.store.database.write { connection in
                let value = "(SELECT value FROM secrets WHERE name = 'OTHER')"
                try connection.run("UPDATE secrets SET value = \(value) WHERE name = 'TOKEN'", [])
            }
            let expected = BerthError.secretUnreadable(try SecretName("TOKEN"), try AppName("web"))
            await #expect(throws: expected) { try await run(fake) }
            let recorded = try #require(try await fake.platform.store.runs().first)
            #expect(recorded.state == .failed)
            #expect(recorded.reason == expected.description)
            #expect(recorded.reason?.contains("hunter") == false)
            #expect(try await fake.engine.creations == 0)
        }
    }

    @Test func `An engine's error that repeats a secret is recorded without it`() async throws {
        var behavior = FakeEngineBehavior { _ in true }
        behavior.creationRefusal = "invalid environment variable: TOKEN=hunter2-hunter2 of KEY=first line\\nsecond line"
        try await FakePlatform.with(behavior) { fake in
            try await define(fake)
            try await set("TOKEN", "hunter2-hunter2", fake)
            try await set("KEY", "first line\nsecond line", fake)
            await #expect(throws: BerthError.self) { try await run(fake) }
            let reason = try await fake.platform.store.runs().first?.reason
            #expect(reason == "invalid environment variable: TOKEN=*** of KEY=***\\n***")
        }
    }

    @Test func `Pulls use the login for the registry of their image, and no other`() async throws {
        try await FakePlatform.with { fake in
            let server = try #require(RegistryServer("registry.example.org"))
            try await fake.platform.registries.set(server, "deploy", SecretValue("pass+/?ä"), by: .tester)
            try await define(fake, image: "registry.example.org/shop/web:1", pull: .always)
            _ = try await run(fake)
            let login = try #require(try await fake.engine.logins.last)
            for part in [#""username":"deploy""#, #""serveraddress":"registry.example.org""#, "pass+"] {
                #expect(login.contains(part), "\(login)")
            }
            let pull = try await fake.platform.images.pull(ImageReference("registry.example.com/x"), on: fake.host.name)
            _ = try await pull.read { _ in }
            #expect(try await fake.engine.logins.last == "")
        }
    }

    @Test func `A failed pull does not show the password, and leaves none in the record`() async throws {
        var behavior = FakeEngineBehavior()
        behavior.pullFailure = "unauthorized: https://deploy:hunter2-hunter2@registry.example.org/v2/ hunter2-hunter2"
        try await FakePlatform.with(behavior) { fake in
            let server = try #require(RegistryServer("registry.example.org"))
            try await fake.platform.registries.set(server, "deploy", SecretValue("hunter2-hunter2"), by: .tester)
            try await define(fake, image: "registry.example.org/web", pull: .always)
            await #expect(throws: BerthError.self) { try await run(fake) }
            let reason = try await fake.platform.store.runs().first?.reason
            #expect(reason == "unauthorized: https://deploy:***@registry.example.org/v2/ ***")
        }
    }

    @Test func `A login that cannot be decrypted fails the run, and nothing is pulled`() async throws {
        try await FakePlatform.with { fake in
            let server = try #require(RegistryServer("registry.example.org"))
            try await fake.platform.registries.set(server, "deploy", SecretValue("hunter2"), by: .tester)
            try await fake.platform.store.database.write { try $0.run("UPDATE registries SET password = 'x'", []) }
            try await define(fake, image: "registry.example.org/web", pull: .always)
            await #expect(throws: BerthError.registryUnreadable(server)) { try await run(fake) }
            #expect(try await fake.platform.store.runs().first?.state == .failed)
            #expect(try await fake.engine.pulls == 0)
        }
    }
}
