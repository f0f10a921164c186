import FoundationEssentials
import Glibc

/// A disk of a few megabytes, to be filled: a file system in memory, mounted on a private directory.
struct SmallDisk: Sendable {
    let directory: String

    private var filler: String { directory + "/filler" }

    /// Makes one, calls `body`, and removes it in any case.
    static func with<Result>(megabytes: Int = 8, _ body: (SmallDisk) async throws -> Result) async throws -> Result {
        try await withDirectory { directory in
            try await runTool("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0700", "tmpfs", directory)
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(SmallDisk(directory: directory)))
            } catch {
                result = .failure(error)
            }
            // Even while a process still has a file open there.
            try await runTool("umount", "--lazy", directory)
            return try result.get()
        }
    }

    /// Fills it to the last byte.
    func fill() throws {
        let file = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw LabError("\(filler): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var block = [UInt8](repeating: 1, count: 1 << 20)
        while !block.isEmpty {
            if write(file, block, block.count) <= 0 { block.removeLast((block.count + 1) / 2) }
        }
    }

    func clear() throws { try FileManager.default.removeItem(atPath: filler) }

    /// The size of a file on it in bytes; 0 if there is none.
    func size(of name: String) -> Int {
        var status = stat()
        return stat("\(directory)/\(name)", &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }
}
