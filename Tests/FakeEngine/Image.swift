/// One image of a simulated engine.
package struct Image: Sendable {
    /// `sha256:…`.
    package let id: String
    /// With their tags: `nginx:latest`.
    package var tags: [String]
    /// In seconds since 1970.
    package let created: Int64

    package init(id: String, tags: [String], created: Int64 = 1_700_000_000) {
        self.id = id
        self.tags = tags
        self.created = created
    }

    /// An image as it is after a pull of this name; the id depends on the name only.
    init(pulled name: String) {
        let sum = name.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        let digits = String(sum, radix: 16)
        let word = String(repeating: "0", count: 16 - digits.count) + digits
        self.init(id: "sha256:" + String(repeating: word, count: 4), tags: [withTag(name)])
    }

    /// An element of `GET /images/json`.
    var summary: String {
        """
        {"Id":"\(id)","ParentId":"","RepoTags":\(tags.isEmpty ? #"["<none>:<none>"]"# : json(tags)),"RepoDigests":null,\
        "Created":\(created),"Size":1000,"VirtualSize":1000,"SharedSize":-1,"Labels":null,"Containers":-1}
        """
    }
}

/// The name with its tag, if it has neither a tag nor a digest.
func withTag(_ name: String) -> String {
    let last = name.split(separator: "/").last ?? ""
    return last.contains(":") || last.contains("@") ? name : "\(name):latest"
}
