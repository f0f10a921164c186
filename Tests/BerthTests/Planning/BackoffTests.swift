import TestSupport
import Testing

@testable import Berth

@Suite struct BackoffTests {
    private func pauses(_ count: Int, longest: Duration, seed: UInt64, atLeast least: Duration = .zero) -> [Duration] {
        var backoff = Backoff(longest: longest)
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in backoff.next(atLeast: least, using: &generator) }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `Pauses double up to the limit, and each is spread over its upper half`(_ seed: UInt64) {
        let full = [1, 2, 4, 8, 16, 32, 60, 60, 60].map { Duration.seconds($0) }
        for (pause, full) in zip(pauses(9, longest: .seconds(60), seed: seed), full) {
            #expect(pause >= full / 2)
            #expect(pause <= full)
        }
    }

    @Test func `Hosts that failed together do not reconnect together`() {
        let fifths = (0..<20 as Range<UInt64>).map { pauses(5, longest: .seconds(60), seed: $0)[4] }
        #expect(Set(fifths).count == 20)
    }

    @Test func `A reset starts again with short pauses`() {
        var backoff = Backoff(longest: .seconds(60))
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<6 { _ = backoff.next(using: &generator) }
        backoff.reset()
        #expect(backoff.next(using: &generator) <= .seconds(1))
    }

    @Test func `A failure with a minimum pause is not retried sooner`() {
        let all = pauses(20, longest: .seconds(4), seed: 6, atLeast: .seconds(60))
        #expect(all.allSatisfy { $0 == .seconds(60) })
    }

    @Test func `Ten thousand failures give the same pauses as ten`() {
        let all = pauses(10_000, longest: .seconds(60), seed: 7)
        #expect(all.suffix(9000).allSatisfy { $0 >= .seconds(30) && $0 <= .seconds(60) })
    }
}
