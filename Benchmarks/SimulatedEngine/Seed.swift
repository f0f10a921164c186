import FakeEngine

/// The initial containers of every engine: the same arguments give the same containers.
struct Seed: Sendable {
    let instance: String
    let app: String
    let containersPerEngine: Int

    /// The containers of one engine, all running, created some seconds apart until `now`.
    func containers(ofEngine engine: Int, now: Int64) -> [Container] {
        let definition = ContainerDefinition(
            image: "nginx:latest",
            command: ["sleep", "infinity"],
            environment: [],
            labels: ["berth.instance": instance, "berth.app": app, "berth.release": "1", "berth.restart": "no"]
        )
        return (0..<containersPerEngine).map { index in
            let numbering = RunNumbering(instance: instance, number: engine * containersPerEngine + index)
            let age = Int64(containersPerEngine - index) * 7_000_000_000 + Int64(engine % 1000) * 1_000_000
            let container = Container(
                id: numbering.containerID,
                name: "\(app)-\(numbering.suffix)",
                definition: definition,
                run: numbering.runID,
                created: now - age
            )
            container.start(at: now - age + 400_000_000)
            return container
        }
    }
}

/// The names of the `number`th run of all, unique in this simulation.
struct RunNumbering {
    let containerID: String
    /// 26 characters of `a-z2-7`.
    let runID: String
    /// Six characters of `a-z2-7`.
    let suffix: String

    /// From this number on suffixes would repeat.
    static let limit = 1 << 30

    init(instance: String, number: Int) {
        var generator = SplitMix(
            state: instance.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        )
        generator.state &+= UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        containerID = Self.hexadecimal(&generator)
        runID = Self.base32(count: 26) { generator.next() >> 59 }
        // An odd factor gives a different result for each number below the limit.
        var scattered = UInt64(number) &* 0x2545_F491_4F6C_DD1D
        suffix = Self.base32(count: 6) {
            defer { scattered >>= 5 }
            return scattered & 31
        }
    }

    private static func hexadecimal(_ generator: inout some RandomNumberGenerator) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 64) { bytes in
            for word in 0..<4 {
                var rest = generator.next()
                for place in 0..<16 {
                    bytes[word * 16 + place] = digits[Int(rest & 15)]
                    rest >>= 4
                }
            }
            return 64
        }
    }

    private static func base32(count: Int, _ next: () -> UInt64) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        return String(decoding: (0..<count).map { _ in alphabet[Int(next())] }, as: UTF8.self)
    }
}

/// A generator of reproducible pseudo-random numbers: Sebastiano Vigna's SplitMix64.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
