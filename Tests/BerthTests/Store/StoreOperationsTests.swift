import Testing

@testable import Berth
@testable import SQL

@Suite struct StoreOperationsTests {
    private let answer = #"{"body":"é \\u0000 🚢","status":201}"#

    private func carriedOut(_ begun: Store.Begun) throws -> IdempotentRequest {
        guard case .perform(let operation) = begun else {
            Issue.record("\(begun) is not carried out")
            return IdempotentRequest(id: "", isRepeated: false)
        }
        return operation
    }

    @Test(arguments: StoreKind.available)
    func `A request is executed once and always gets the same answer`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let operation = try carriedOut(await store.begin(key: "k", fingerprint: "f", at: .noon))
            #expect(!operation.isRepeated)
            try await store.finish(operation, with: answer)
            #expect(try await store.begin(key: "k", fingerprint: "f", at: .later) == .answered(answer))
            try await store.finish(operation, with: "another")
            #expect(try await store.begin(key: "k", fingerprint: "f", at: .later) == .answered(answer))
        }
    }

    @Test(arguments: StoreKind.available)
    func `A key of one principal does not affect another`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let first = try carriedOut(await store.begin(key: "k", of: "ann", fingerprint: "f", at: .noon))
            let second = try carriedOut(await store.begin(key: "k", of: "ben", fingerprint: "g", at: .noon))
            #expect(first.id != second.id)
            #expect(!second.isRepeated)
            try await store.finish(first, with: answer)
            #expect(try await store.begin(key: "k", of: "ann", fingerprint: "f", at: .later) == .answered(answer))
            let third = try carriedOut(await store.begin(key: "k", of: "ben", fingerprint: "g", at: .later))
            #expect(third == IdempotentRequest(id: second.id, isRepeated: true))
        }
    }

    @Test(arguments: StoreKind.available)
    func `A request that was not answered is repeated as the same operation`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let first = try carriedOut(await store.begin(key: "k", fingerprint: "f", at: .noon))
            let second = try carriedOut(await store.begin(key: "k", fingerprint: "f", at: .later))
            #expect(second == IdempotentRequest(id: first.id, isRepeated: true))
        }
    }

    @Test(arguments: StoreKind.available)
    func `A different request under the same key is recognised, before and after the answer`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let operation = try carriedOut(await store.begin(key: "k", fingerprint: "f", at: .noon))
            #expect(try await store.begin(key: "k", fingerprint: "g", at: .noon) == .otherRequest)
            try await store.finish(operation, with: answer)
            #expect(try await store.begin(key: "k", fingerprint: "g", at: .noon) == .otherRequest)
        }
    }

    @Test(arguments: StoreKind.available)
    func `Keys that differ in case, spaces or accents are different keys`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            var operations: Set<String> = []
            for key in ["key", "Key", "key ", " key", "ke\u{301}y", "k\u{E9}y", "%", "_", "🚢"] {
                operations.insert(try carriedOut(await store.begin(key: key, fingerprint: key, at: .noon)).id)
            }
            #expect(operations.count == 9)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A forgotten key is free`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let first = try carriedOut(await store.begin(key: "k", fingerprint: "f", at: .noon))
            try await store.forget(first)
            let second = try carriedOut(await store.begin(key: "k", fingerprint: "g", at: .noon))
            #expect(!second.isRepeated)
            #expect(second.id != first.id)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A key is valid for a day and is free afterwards, whether it was deleted or not`(kind: StoreKind) async throws
    {
        try await kind.withStore { store in
            for key in ["swept", "unswept"] {
                try await store.finish(
                    carriedOut(store.begin(key: key, fingerprint: "f", at: .noon)),
                    with: answer
                )
            }
            let day = Timestamp(milliseconds: Timestamp.noon.milliseconds + 86_400_000)
            try await store.forgetKeys(at: day)
            #expect(try await store.begin(key: "swept", fingerprint: "f", at: day) == .answered(answer))
            let after = Timestamp(milliseconds: day.milliseconds + 1000)
            #expect(try carriedOut(await store.begin(key: "unswept", fingerprint: "g", at: after)).isRepeated == false)
            try await store.forgetKeys(at: after)
            #expect(try carriedOut(await store.begin(key: "swept", fingerprint: "g", at: after)).isRepeated == false)
        }
    }

    @Test(arguments: StoreKind.available)
    func `A repeated operation finds only the app that it created`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let web = try AppName("web")
            let made = try await store.createApp(web, .example(), by: .example("one"), at: .noon)
            let found = try await store.createApp(
                web,
                .example(),
                by: .example("one", isRepeated: true),
                at: .later
            )
            #expect(found == made)
            for caller in [Caller.tester, .example("two"), .example("two", isRepeated: true), .example("one")] {
                await #expect(throws: SQLError.uniqueViolation) {
                    try await store.createApp(web, .example(), by: caller, at: .later)
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `A repeated operation finds its runs by their items, and replaces failed ones`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let host = try HostName("local")
            let app = try await store.createApp(AppName("web"), .example(), at: .noon)
            func record(_ items: [Int], isRepeated: Bool) async throws -> [Run] {
                let intents = try await store.recordIntents(
                    of: app,
                    items: items,
                    on: host,
                    wasQueued: false,
                    by: .example("one", isRepeated: isRepeated),
                    at: .noon
                )
                return try #require(intents).map(\.run)
            }
            let first = try await record([0, 1, 2], isRepeated: false)
            let operation = IdempotentRequest(id: "one", isRepeated: true)
            #expect(try await store.runs(of: operation) == [0: first[0].id, 1: first[1].id, 2: first[2].id])
            let second = try await record([1], isRepeated: true)
            #expect(try await store.runs(of: operation) == [0: first[0].id, 1: second[0].id, 2: first[2].id])
            #expect(try await store.runs(of: IdempotentRequest(id: "two", isRepeated: true)).isEmpty)
            #expect(try await store.runs().count == 4)
        }
    }
}
