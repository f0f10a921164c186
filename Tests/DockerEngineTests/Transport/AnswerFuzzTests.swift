import FoundationEssentials
import NIOCore
import TestSupport
import Testing

@testable import DockerEngine

/// Real answers with random faults: the result is a value or `undecodable`, and never a crash.
@Suite struct AnswerFuzzTests {
    private static let samples: [[UInt8]] =
        [
            "[\(Sample.summary),\(Sample.summary)]", Sample.details, "\(Sample.event)\n\(Sample.event)\n",
            Sample.version,
            Sample.info, "[\(Sample.image)]", "\(Sample.progress)\n{\"error\":\"denied\"}\n",
        ].map { Array($0.utf8) } + [LogFramesTests.frame(1, "out\n") + LogFramesTests.frame(2, "err\n")]

    @Test("No mutated answer does more than fail to decode", arguments: 1...10)
    func mutations(seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        for round in 0..<500 {
            var bytes = Self.samples.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, using: &random) }
            for decode in decoders(step: Int.random(in: 1...200, using: &random)) { check(bytes, decode, seed, round) }
            if round.isMultiple(of: 20) { await Task.yield() }
        }
    }

    private typealias Decode = ([UInt8]) throws -> Void

    private func decoders(step: Int) -> [Decode] {
        [
            { bytes in _ = try decodeJSON([ContainerSummary].self, from: Data(bytes)) },
            { bytes in _ = try decodeJSON(ContainerDetails.self, from: Data(bytes)) },
            { bytes in _ = try decodeJSON(EngineVersion.self, from: Data(bytes)) },
            { bytes in _ = try decodeJSON(EngineInfo.self, from: Data(bytes)) },
            { bytes in
                var lines = JSONLines<EngineEvent>()
                _ = try lines.decodeAll(bytes, by: step)
            },
            { bytes in
                var lines = JSONLines<PullProgress>()
                _ = try lines.decodeAll(bytes, by: step)
            },
            { bytes in
                var frames = LogFrames(isFramed: true)
                _ = try frames.decodeAll(bytes, by: step)
            },
        ]
    }

    private func check(_ bytes: [UInt8], _ decode: Decode, _ seed: UInt64, _ round: Int) {
        do {
            try decode(bytes)
        } catch {
            if case .undecodable(let reason) = error as? EngineError, isCleanLine(reason) { return }
            Issue.record("seed \(seed), round \(round): \(error)")
        }
    }

    private func mutate(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
        guard let place = bytes.indices.randomElement(using: &random) else { return }
        let end = min(bytes.count, place + Int.random(in: 1...30, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = .random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4: bytes.removeSubrange(place...)
        case 5: bytes.insert(contentsOf: Self.nasty.randomElement(using: &random) ?? [], at: place)
        case 6: bytes.replaceSubrange(place..<end, with: Self.nasty.randomElement(using: &random) ?? [])
        default: bytes.swapAt(place, end - 1)
        }
    }

    private static let nasty: [[UInt8]] =
        [
            "[", "{", "]", "}", "\"", "\\", "\\u", "\\ud800", "null", "true", "1e999", "-", "99999999999999999999",
            "0.1", ",",
            ":", "\n", "\u{0}", "\u{FEFF}", "\u{202E}", "\\u0000", "\\u001b]0;x\\u0007",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF, 0xFE], Array(repeating: 0x5B, count: 600),
        ]
}
