package import JSON

/// In-memory file systems that are mounted into a container; targets are unique.
package struct TmpfsMounts: Sendable, Equatable, JSONRepresentable {
    package private(set) var list: [TmpfsMount] = []

    package init() {}

    package mutating func append(_ mount: TmpfsMount) throws(InvalidValue) {
        guard !list.contains(where: { $0.target == mount.target }) else {
            throw InvalidValue("two mounts have the target \(mount.target)")
        }
        guard list.count < 100 else { throw InvalidValue("must have at most 100 mounts") }
        list.append(mount)
    }

    package var json: JSONValue { list.json }
}

package struct TmpfsMount: Sendable, Equatable, JSONRepresentable {
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
}

extension FieldDecoder where Value == TmpfsMounts {
    static var tmpfs: FieldDecoder {
        collection(TmpfsMounts(), of: .tmpfsMount) { (list, mount) throws(InvalidValue) in try list.append(mount) }
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
            encodedSchema: { object.encodedSchema }
        ) { value, pointer throws(FieldErrors) in
            if case .string = value { try text.read(value, pointer) } else { try object.read(value, pointer) }
        }
    }
}
