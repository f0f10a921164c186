package import JSON

/// In-memory file systems that are mounted into a container; targets are unique.
package typealias TmpfsMounts = SettingList<TmpfsMount>

package struct TmpfsMount: SettingElement, JSONRepresentable {
    package let target: String
    /// In bytes; nil means half of the host's memory.
    package let size: Int64?

    package init(target: String, size: Int64?) throws(InvalidValue) {
        guard let target = target.mountTarget else {
            throw InvalidValue("the target must be an absolute path in the container other than /")
        }
        self.target = target
        self.size = size
    }

    /// Reads an entry of `HostConfig.Tmpfs`.
    init?(target: String, options: String) {
        let size = options.split(separator: ",").compactMap { option in
            option.hasPrefix("size=") ? Int64(option.dropFirst(5)) : nil
        }
        try? self.init(target: target, size: size.first)
    }

    var options: String { size.map { "size=\($0)" } ?? "" }

    package var json: JSONValue { ["target": .string(target), "size_bytes": JSONValue(size)] }

    package static let limit = (count: 100, name: "mounts")

    package func conflict(with earlier: TmpfsMount) -> String? {
        target == earlier.target ? "two mounts have the target \(target)" : nil
    }
}

extension FieldDecoder where Value == TmpfsMounts {
    static var tmpfs: FieldDecoder {
        collection(of: .tmpfsMount)
    }
}

extension FieldDecoder where Value == TmpfsMount {
    /// An object, or the target alone.
    fileprivate static var tmpfsMount: FieldDecoder {
        let text = FieldDecoder<String>.string().map(
            { target throws(InvalidValue) in try TmpfsMount(target: target, size: nil) },
            detail: \.message
        )
        let object = FieldDecoder<(String, Int64?)>.object { fields throws(FieldErrors) in
            let target = fields.required("target", .string())
            let size = fields.optional("size_bytes", .bytes(in: 4096...1 << 50))
            return (try fields.finish(target), size)
        }.map({ target, size throws(InvalidValue) in try TmpfsMount(target: target, size: size) }, detail: \.message)
        return FieldDecoder(
            schema: .schema(ofOne: text.schema, object.schema),
            encodedSchema: object.encodedSchema
        ) { value, pointer throws(FieldErrors) in
            if case .string = value { try text.read(value, pointer) } else { try object.read(value, pointer) }
        }
    }
}
