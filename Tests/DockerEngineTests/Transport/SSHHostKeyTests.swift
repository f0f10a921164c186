import FoundationEssentials
import Testing

@testable import DockerEngine

@Suite struct SSHHostKeyTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII2okciaF5ZH1AU6wcvCYOXOo9Uec4mDKwb+1KIymK9m"
    private static let fingerprint = "SHA256:IXqTNMtXnWMR6pVS8Vnlbm2wFmN/og6htg3c69EdREQ"

    @Test("A key has the fingerprint that ssh-keygen computes", arguments: ["", " a comment", " "])
    func fingerprint(suffix: String) throws {
        let key = try #require(SSHHostKey(knownHostsLine: "[127.0.0.1]:22 \(Self.key)\(suffix)"))
        #expect(key.fingerprint == Self.fingerprint)
    }

    @Test(
        "What is no line with a key is none",
        arguments: [
            "", " ", "host", "host ssh-ed25519", "host ssh-ed25519 ", "host ssh-ed25519 %%%", "@revoked * \(key)",
        ]
    )
    func noKey(_ line: String) {
        #expect(SSHHostKey(knownHostsLine: line) == nil)
    }

    @Test("An approved key takes the place of an earlier one of the same server and type, and of no other")
    func approve() throws {
        let directory = "/tmp/keys-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = directory + "/known_hosts"
        let settings = SSHSettings(directory: directory, knownHostsFile: file, configuration: .none)
        let others = ["h ssh-rsa AAAA", "h2 ssh-ed25519 AAAA"]
        for line in others + ["h ssh-ed25519 AAAA", "h \(Self.key) comment"] {
            try #require(SSHHostKey(knownHostsLine: line)).approve(in: settings)
        }
        let known = try String(contentsOfFile: file, encoding: .utf8)
        #expect(known == (others + ["h \(Self.key)"]).joined(separator: "\n") + "\n")
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `Keys that are approved at the same time are all kept`() async throws {
        let directory = "/tmp/keys-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = directory + "/known_hosts"
        let settings = SSHSettings(directory: directory, knownHostsFile: file, configuration: .none)
        try await withThrowingDiscardingTaskGroup { group in
            for number in 0..<100 {
                let key = try #require(SSHHostKey(knownHostsLine: "h\(number) \(Self.key)"))
                group.addTask { try key.approve(in: settings) }
            }
        }
        #expect(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").count == 100)
    }
}
