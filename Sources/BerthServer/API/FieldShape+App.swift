import Berth
import BerthAPI
import DockerEngine

// What is ours about the fields of an app, each made into its value of the model.

extension FieldShape where Value == AppName {
    static var appName: FieldShape {
        FieldShape<String>.string().map(AppName.init(_:), detail: \.message)
    }
}

extension FieldShape where Value == ImageReference {
    static var image: FieldShape {
        FieldShape<String>.string().map(ImageReference.init(_:), detail: \.message)
    }
}

extension FieldShape where Value == HostName {
    static func host(among hosts: [HostName]) -> FieldShape {
        FieldShape<String>.choice(of: hosts.map(\.description)).map(HostName.init(_:), detail: \.message)
    }
}

extension FieldShape where Value == Command? {
    /// Text without a word in it is no command.
    static var command: FieldShape {
        .init { value, pointer throws(FieldFaults) in
            let words = try FieldShape<[String]>.words.read(value, pointer)
            var line: String?
            if case .string(let text) = value { line = text }
            if words.isEmpty, line != nil { return nil }
            do throws(InvalidValue) {
                return try Command(words: words, line: line)
            } catch {
                throw FieldFaults(error.message, at: pointer)
            }
        }
    }
}

extension FieldShape where Value == Int64 {
    static var memory: FieldShape {
        FieldShape<Int>.integer(in: AppSettings.memoryRange).map { Int64($0) }
    }

    /// Processors, made into billionths of one.
    static var cpus: FieldShape {
        FieldShape<Double>.number(in: AppSettings.cpuRange).map { Int64(($0 * 1e9).rounded()) }
    }
}

extension FieldShape where Value == RestartPolicy {
    static var restart: FieldShape {
        FieldShape<String>.choice(of: RestartPolicy.allCases.map(\.rawValue)).map { RestartPolicy(rawValue: $0) ?? .no }
    }
}

extension FieldShape where Value == String {
    static var user: FieldShape {
        FieldShape<String>.string().map(
            { text throws(InvalidValue) in
                let isSane = !text.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
                guard isSane, (1...255).contains(text.utf8.count) else {
                    throw InvalidValue("must be 1 to 255 bytes without NUL and line breaks, such as \"1000:1000\"")
                }
                return text
            },
            detail: \.message
        )
    }

    static var workingDirectory: FieldShape {
        FieldShape<String>.string().map(
            { text throws(InvalidValue) in
                guard text.isAbsolutePath else { throw InvalidValue("must be an absolute path in the container") }
                return text
            },
            detail: \.message
        )
    }
}

extension FieldShape where Value == JSONValue {
    /// Whatever was sent.
    static var anything: FieldShape { .init { value, _ throws(FieldFaults) in value } }
}

extension FieldShape {
    fileprivate func map<Made>(_ make: @escaping (Value) -> Made) -> FieldShape<Made> {
        .init { value, pointer throws(FieldFaults) in make(try read(value, pointer)) }
    }
}
