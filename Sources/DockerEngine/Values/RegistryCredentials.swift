import FoundationEssentials

/// A name and a password for a registry, which an engine sends to it; texts about this value do not show the password.
package struct RegistryCredentials: Sendable, Equatable {
    package let server: RegistryServer
    package let username: String
    package let password: String

    package init(server: RegistryServer, username: String, password: String) {
        (self.server, self.username, self.password) = (server, username, password)
    }

    /// The value of `X-Registry-Auth`: JSON in base64 with the alphabet of URLs, padded.
    ///
    /// Source: the Docker Engine API reference, "Authentication".
    func header() throws -> String {
        let members = ["username": username, "password": password, "serveraddress": server.address]
        return try JSONEncoder().encode(members).base64EncodedString().replacing("+", with: "-").replacing(
            "/",
            with: "_"
        )
    }

    /// The forms in which an engine or a registry could repeat the password.
    var secretTexts: [String] {
        let pair = Data("\(username):\(password)".utf8).base64EncodedString()
        return [password, percentEncoded(password), pair] + ((try? header()).map { [$0] } ?? [])
    }
}

extension RegistryCredentials: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(username) at \(server)" }
    package var customMirror: Mirror { Mirror(self, children: ["server": server, "username": username]) }
}
