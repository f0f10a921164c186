import FoundationEssentials
import TestSupport
import Testing

@testable import Berth

/// What a store can stand on; what is tested on one is tested on all.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible {
    case memory
    case file

    static var available: [StoreKind] { allCases }

    var testDescription: String { rawValue }

    /// Calls `body` with a fresh store, which is gone afterwards.
    func withStore<Result>(_ body: (Store) async throws -> Result) async throws -> Result {
        switch self {
        case .memory: try await body(.inMemory())
        case .file: try await withTemporaryDirectory { try await body(.sqlite(path: $0 + "/berth.db")) }
        }
    }
}
