import FoundationEssentials
import Glibc

/// Processes and sockets of an earlier server that exited without cleaning up.
package enum SSHLeftovers {
    /// Ends every ssh with a socket in this directory, and removes the sockets.
    ///
    /// The caller must hold the lock of the state directory: otherwise they may be live tunnels of another server.
    package static func remove(in settings: SSHSettings) {
        for process in processes(with: settings.directory) { kill(process, SIGTERM) }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: settings.directory)) ?? [] {
            unlink("\(settings.directory)/\(name)")
        }
    }

    private static func processes(with directory: String) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { isOurs($0, directory) }
    }

    /// Whether the process is an ssh whose control socket or forwarded socket is in this directory.
    private static func isOurs(_ process: pid_t, _ directory: String) -> Bool {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { return false }
        let arguments = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard arguments.first?.split(separator: "/").last == "ssh" else { return false }
        return zip(arguments, arguments.dropFirst()).contains { option, value in
            ["-S", "-L"].contains(option) && value.hasPrefix(directory + "/")
        }
    }
}
