import FoundationEssentials
import Glibc
import Testing

@testable import DockerEngine

@Suite struct SSHSettingsTests {
    @Test("The options that keep ssh quiet and safe are there with every configuration", arguments: configurations)
    func options(_ configuration: SSHSettings.Configuration) {
        let arguments = settings(configuration).commonArguments
        let options = zip(arguments, arguments.dropFirst()).filter { $0.0 == "-o" }.map(\.1)
        for option in [
            "BatchMode=yes", "ControlMaster=no", "ControlPath=none", "EscapeChar=none", "ExitOnForwardFailure=yes",
            "ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no", "RemoteCommand=none", "ConnectTimeout=10",
            "ServerAliveInterval=5", "ServerAliveCountMax=2", "StreamLocalBindMask=0177", "UpdateHostKeys=no",
            "Tunnel=no",
        ] {
            #expect(options.contains(option))
        }
    }

    @Test("The configuration file is the user's, a given one or none")
    func configurationFile() {
        #expect(!settings(.user).commonArguments.contains("-F"))
        #expect(settings(.file("/etc/berth/ssh")).commonArguments.prefix(2) == ["-F", "/etc/berth/ssh"])
        #expect(settings(.none).commonArguments.prefix(2) == ["-F", "none"])
    }

    @Test("ssh has the server's environment, but nothing of Berth's own and no agent beside a pinned configuration")
    func environment() async {
        // In a process of its own, because it changes the environment.
        await #expect(processExitsWith: .success) {
            setenv("SSH_AUTH_SOCK", "/run/agent", 1)
            setenv("SSH_ASKPASS", "/bin/false", 1)
            setenv("SSH_ASKPASS_REQUIRE", "force", 1)
            setenv("LC_ALL", "de_DE", 1)
            setenv("LANGUAGE", "de", 1)
            setenv("AWS_PROFILE", "production", 1)
            setenv("BERTH_DATABASE", "mysql://berth:secret@db/berth", 1)
            setenv("NOTIFY_SOCKET", "/run/systemd/notify", 1)
            for configuration in configurations {
                let environment = settings(configuration).environment
                #expect(environment["SSH_AUTH_SOCK"] == (configuration == .user ? "/run/agent" : nil))
                #expect(environment["AWS_PROFILE"] == "production")
                #expect(environment["PATH"] == ProcessInfo.processInfo.environment["PATH"])
                #expect(environment["LC_ALL"] == "C")
                #expect(environment["SSH_ASKPASS_REQUIRE"] == "never")
                for name in ["BERTH_DATABASE", "LANGUAGE", "SSH_ASKPASS", "NOTIFY_SOCKET"] {
                    #expect(environment[name] == nil)
                }
                #expect(!environment.values.contains { $0.contains("secret") })
            }
        }
    }

    @Test("A host comes after --, so that it cannot be an option")
    func destination() throws {
        #expect(try SSHDestination("host").arguments == ["--", "host"])
        #expect(try SSHDestination("me@host:22").arguments == ["-l", "me", "-p", "22", "--", "host"])
        #expect(try SSHDestination("[::1]:22/x.sock").arguments == ["-p", "22", "--", "::1"])
    }

    @Test("A socket's path is a new one each time, and fits the kernel's 107 bytes in the longest directory")
    func socketPath() {
        let directory = "/" + String(repeating: "d", count: SSHSettings.maximumDirectoryBytes - 1)
        let settings = SSHSettings(directory: directory, knownHostsFile: "/k", configuration: .none)
        let paths = (0..<100).map { _ in settings.freshSocketPath() }
        #expect(Set(paths).count == 100)
        #expect(paths.allSatisfy { $0.utf8.count == 107 && $0.hasPrefix(directory + "/") })
    }
}

private let configurations: [SSHSettings.Configuration] = [.user, .file("/etc/berth/ssh"), .none]

private func settings(_ configuration: SSHSettings.Configuration) -> SSHSettings {
    SSHSettings(directory: "/run/berth", knownHostsFile: "/etc/berth/known_hosts", configuration: configuration)
}
