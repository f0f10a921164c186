import FoundationEssentials
import Glibc
import Testing

@testable import DockerEngine

@Suite struct SSHSettingsTests {
    @Test("The options that keep ssh quiet and safe are there with every configuration", arguments: configurations)
    func options(_ configuration: SSHSettings.Configuration) {
        let options = options(of: settings(configuration).commonArguments(nil))
        for option in [
            "AddKeysToAgent=no", "BatchMode=yes", "ClearAllForwardings=yes", "ConnectTimeout=10", "ControlPersist=no",
            "EscapeChar=none", "ForwardAgent=no", "ForwardX11=no", "NoHostAuthenticationForLocalhost=no",
            "PermitLocalCommand=no", "RemoteCommand=none", "ServerAliveInterval=5", "ServerAliveCountMax=2",
            "StreamLocalBindMask=0177", "Tunnel=no", "UpdateHostKeys=no", "VisualHostKey=no",
        ] {
            #expect(options.contains(option))
        }
    }

    @Test("A client is given the options that it knows, since it ends at one that it does not")
    func versions() throws {
        func added(by text: String) -> Set<String> {
            let version = SSHVersion(printed: text)
            let all = options(of: settings(.none).commonArguments(version)) + SSHClientOptions.session(version)
            return Set(all).subtracting(options(of: settings(.none).commonArguments(nil)))
        }
        #expect(added(by: "OpenSSH_8.4p1 Debian-5+deb11u3, OpenSSL 1.1.1w  11 Sep 2023\r\n").isEmpty)
        #expect(added(by: "Sun_SSH_2.4, SSH protocols 1.5/2.0").isEmpty)
        #expect(added(by: "").isEmpty)
        let bookworm = added(by: "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026")
        #expect(bookworm == ["LogVerbose=none", "ForkAfterAuthentication=no", "StdinNull=no", "SessionType=default"])
        let later: Set = ["ObscureKeystrokeTiming=no", "ChannelTimeout=none"]
        #expect(added(by: "OpenSSH_10.0p2, OpenSSL 3.5.1") == bookworm.union(later))
        #expect(added(by: "OpenSSH_9.7, LibreSSL 3.3.6") == bookworm.union(later))
    }

    @Test("The ssh in PATH knows every option that it is given")
    func installed() async throws {
        let settings = settings(.none)
        let version = try #require(try await SSHVersion.installed(settings))
        let session = SSHClientOptions.session(version).asOptions
        // Prints the configuration as it was understood, without a connection.
        let arguments = settings.commonArguments(version) + session + ["-G", "--", "host"]
        let exit = try await SSHProcess(arguments: arguments, settings: settings).run(within: .seconds(30))
        #expect(exit?.code == 0)
        #expect(exit?.standardError.contains("option") == false)
    }

    @Test("The configuration file is the user's, a given one or none")
    func configurationFile() {
        #expect(!settings(.user).commonArguments(nil).contains("-F"))
        #expect(settings(.file("/etc/berth/ssh")).commonArguments(nil).prefix(2) == ["-F", "/etc/berth/ssh"])
        #expect(settings(.none).commonArguments(nil).prefix(2) == ["-F", "none"])
    }

    private func options(of arguments: [String]) -> [String] {
        zip(arguments, arguments.dropFirst()).filter { $0.0 == "-o" }.map(\.1)
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

    @Test("A path is a new one each time, and leaves room for what ssh appends, up to the kernel's 107 bytes")
    func path() {
        let directory = "/" + String(repeating: "d", count: SSHSettings.maximumDirectoryBytes - 1)
        let settings = SSHSettings(directory: directory, knownHostsFile: "/k", configuration: .none)
        let paths = (0..<100).map { _ in settings.freshPath() }
        #expect(Set(paths).count == 100)
        #expect(paths.allSatisfy { $0.utf8.count + 17 == 107 && $0.hasPrefix(directory + "/") })
    }
}

private let configurations: [SSHSettings.Configuration] = [.user, .file("/etc/berth/ssh"), .none]

private func settings(_ configuration: SSHSettings.Configuration) -> SSHSettings {
    SSHSettings(directory: "/run/berth", knownHostsFile: "/etc/berth/known_hosts", configuration: configuration)
}
