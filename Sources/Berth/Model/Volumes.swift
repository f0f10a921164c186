package import JSON

/// Named volumes of the host's engine that are mounted into a container; targets are unique.
///
/// Paths of the host cannot be mounted: they would give everyone who may define an app root access to the host.
package typealias Volumes = SettingList<Volume>

package struct Volume: SettingElement, JSONRepresentable {
    /// `[a-zA-Z0-9][a-zA-Z0-9_.-]*`: the engine's own rule, which no path satisfies.
    package let name: String
    /// An absolute path in the container, other than the root; in Docker's normal form, without `//`, `/./` or a
    /// trailing slash.
    package let target: String
    package let isReadOnly: Bool

    package init(name: String, target: String, isReadOnly: Bool) throws(InvalidValue) {
        guard Self.isName(name) else {
            throw InvalidValue(
                "the name of a volume must be 2 to 128 of a-z, A-Z, 0-9, _, . and -, and begin with a letter or digit; "
                    + "paths of the host cannot be mounted"
            )
        }
        guard let target = target.mountTarget else {
            throw InvalidValue("the target of a volume must be an absolute path in the container other than /")
        }
        self.name = name
        self.target = target
        self.isReadOnly = isReadOnly
    }

    /// Reads `NAME:TARGET[:ro|rw]`.
    fileprivate init(text: String) throws(InvalidValue) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), parts.count == 2 || ["ro", "rw"].contains(parts[2]) else {
            throw InvalidValue("must be NAME:TARGET, NAME:TARGET:ro or an object, such as \"data:/var/lib/data\"")
        }
        try self.init(name: parts[0], target: parts[1], isReadOnly: parts.last == "ro")
    }

    package var json: JSONValue {
        ["name": .string(name), "target": .string(target), "read_only": .bool(isReadOnly)]
    }

    package static let limit = (count: 100, name: "volumes")

    package func conflict(with earlier: Volume) -> String? {
        target == earlier.target ? "two volumes have the target \(target)" : nil
    }

    private static func isName(_ name: String) -> Bool {
        guard (2...128).contains(name.utf8.count) else { return false }
        let first = name.utf8.first.map(isASCIILetterOrDigit) ?? false
        return first && name.utf8.allSatisfy { isASCIILetterOrDigit($0) || "_.-".utf8.contains($0) }
    }
}

extension String {
    /// Whether this begins with `/`, has no NUL and no `..`, and is no longer than a path may be.
    package var isAbsolutePath: Bool {
        utf8.first == UInt8(ascii: "/") && utf8.count < 4096 && !utf8.contains(0)
            && !split(separator: "/").contains("..")
    }

    /// This absolute path in Docker's normal form; nil for the root and for a text that is not an absolute path.
    var mountTarget: String? {
        let parts = split(separator: "/").filter { $0 != "." }
        return isAbsolutePath && !parts.isEmpty ? "/" + parts.joined(separator: "/") : nil
    }
}

extension FieldDecoder where Value == Volumes {
    static var volumes: FieldDecoder {
        collection(of: .volume)
    }
}

extension FieldDecoder where Value == Volume {
    /// An object, or text such as `data:/var/lib/data:ro`.
    fileprivate static var volume: FieldDecoder {
        let text = FieldDecoder<String>.string().map(Volume.init(text:), detail: \.message)
        let object = FieldDecoder<(name: String, target: String, isReadOnly: Bool)>.object {
            fields throws(FieldErrors) in
            let name = fields.required("name", .string())
            let target = fields.required("target", .string())
            let isReadOnly = fields.optional("read_only", .boolean) ?? false
            let needed = try fields.finish(name, target)
            return (needed.0, needed.1, isReadOnly)
        }.map(
            { given throws(InvalidValue) in
                try Volume(name: given.name, target: given.target, isReadOnly: given.isReadOnly)
            },
            detail: \.message
        )
        return FieldDecoder(
            schema: .schema(ofOne: text.schema, object.schema),
            encodedSchema: object.encodedSchema
        ) { value, pointer throws(FieldErrors) in
            if case .string = value { try text.read(value, pointer) } else { try object.read(value, pointer) }
        }
    }
}
