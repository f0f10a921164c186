/// The registry of an image: a host, and its port if it is not the usual one, such as `registry.example.org:5000`.
package struct RegistryServer: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// In lower case.
    package let description: String

    /// Docker's own registry, which serves the images whose name has no registry.
    package static let usual = RegistryServer(known: "docker.io")
    /// Another name for it.
    private static let index = "index.docker.io"

    /// Nil for a text that cannot be the registry of an image's name.
    package init?(_ text: String) {
        guard text.utf8.count <= 253, ImageReference.isRegistry(text[...]) else { return nil }
        self.init(known: text.lowercased())
    }

    private init(known text: String) { description = text == Self.index ? "docker.io" : text }

    package static func < (left: RegistryServer, right: RegistryServer) -> Bool { left.description < right.description }

    /// As credentials name it: engines with containerd's image store compare it with the registry of the image.
    var address: String { self == .usual ? "https://\(Self.index)/v1/" : description }
}

extension ImageReference {
    /// The registry that an engine pulls it from, unless the engine has a mirror.
    package var registry: RegistryServer {
        repository.firstIndex(of: "/").flatMap { RegistryServer(String(repository[..<$0])) } ?? .usual
    }
}
