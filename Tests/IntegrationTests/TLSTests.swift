import DockerEngine
import FoundationEssentials
import JSON
import Logging
import Testing

/// An engine over TCP: clients and servers without the right certificates are refused.
@Suite(.serialized) struct TLSTests {
    @Test func `An engine over TCP is reached with certificates that both sides check`() async throws {
        try await withDirectory { directory in
            let port = Int.random(in: 20000...30000)
            try await makeAuthority(directory, server: "IP:127.0.0.1")
            let certificates = directory + "/client"
            let options = serverOptions(directory, port: port)
            try await PrivateEngine.with(options: options) { engine in
                try await withEngine(port, certificates) { engine in
                    _ = try await engine.image(ImageReference("busybox"))
                }
                try await BerthProcess.with(hosts: ["far=tcp://127.0.0.1:\(port)?certs=\(certificates)"]) { server in
                    try await server.client.waitForHost("far", "connected")
                    try await server.client.define("app")
                    let name = try await server.client.run("app")
                    #expect(try await server.client.containers() == [name: "R"])
                    let output = try await server.client.post(
                        "/v1/runs/\(name)/exec",
                        ["command": ["sh", "-c", "cat; exit 3"], "stdin": "to the end"]
                    )
                    #expect(
                        output.text == #"{"stream":"stdout","data":"to the end"}"# + "\n" + #"{"exit_code":3}"# + "\n"
                    )
                    #expect(try await server.client.get("/v1/runs/\(name)/logs").status == 200)
                }
                try await expectRefusals(of: port, directory)
                withExtendedLifetime(engine) {}
            }
        }
    }

    @Test func `A certificate for another name is not accepted`() async throws {
        try await withDirectory { directory in
            let port = Int.random(in: 20000...30000)
            try await makeAuthority(directory, server: "DNS:other.example")
            try await PrivateEngine.with(options: serverOptions(directory, port: port)) { _ in
                let certificates = directory + "/client"
                let error = await #expect(throws: EngineError.self) {
                    try await withEngine(port, certificates) { _ in }
                }
                #expect(error == .unreachable("its certificate is not for this name"))
            }
        }
    }

    /// An unknown authority on the client's side, and no client certificate on the server's side.
    private func expectRefusals(of port: Int, _ directory: String) async throws {
        let stranger = directory + "/stranger"
        try FileManager.default.createDirectory(atPath: stranger, withIntermediateDirectories: false)
        try await makeAuthority(stranger, server: "IP:127.0.0.1")
        let error = await #expect(throws: EngineError.self) {
            try await withEngine(port, stranger + "/client") { _ in }
        }
        #expect(error == .unreachable("TLS failed: certificate verify failed"))
        let nobody = directory + "/nobody"
        try FileManager.default.createDirectory(atPath: nobody, withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: directory + "/client/ca.pem", toPath: nobody + "/ca.pem")
        await #expect(throws: EngineError.self) { try await withEngine(port, nobody) { _ in } }
    }

    private func withEngine(
        _ port: Int,
        _ certificates: String,
        _ body: @escaping @Sendable (Engine) async throws -> Void
    ) async throws {
        try await EngineTransport.withTCP(host: "127.0.0.1", port: port, security: .tls(certificates: certificates)) {
            try await body(Engine.negotiated(over: $0))
        }
    }

    private func serverOptions(_ directory: String, port: Int) -> [String] {
        [
            "--tlsverify", "--tlscacert=\(directory)/client/ca.pem", "--tlscert=\(directory)/server.pem",
            "--tlskey=\(directory)/server-key.pem", "--host=tcp://127.0.0.1:\(port)",
        ]
    }

    /// An authority in `directory`, a server's certificate for `server`, and a client's in `client/`.
    private func makeAuthority(_ directory: String, server: String) async throws {
        let client = directory + "/client"
        try FileManager.default.createDirectory(atPath: client, withIntermediateDirectories: false)
        let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        let signed = new + ["-CA", client + "/ca.pem", "-CAkey", directory + "/ca-key.pem"]
        let authority = ["-subj", "/CN=authority", "-keyout", directory + "/ca-key.pem", "-out", client + "/ca.pem"]
        try await runTool("openssl", arguments: new + authority)
        try await runTool(
            "openssl",
            arguments: signed + [
                "-subj", "/CN=server", "-addext", "subjectAltName=\(server)", "-keyout",
                directory + "/server-key.pem", "-out", directory + "/server.pem",
            ]
        )
        try await runTool(
            "openssl",
            arguments: signed + [
                "-subj", "/CN=client", "-addext", "extendedKeyUsage=clientAuth", "-keyout", client + "/key.pem",
                "-out", client + "/cert.pem",
            ]
        )
    }
}
