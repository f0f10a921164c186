package import Glibc

/// A path in the file system and the single steps on it; the machine may fail after each step.
package struct FilePlace: Sendable, Equatable {
    package let path: String

    package init(_ path: String) { self.path = path }

    package static func + (place: FilePlace, suffix: String) -> FilePlace { FilePlace(place.path + suffix) }

    package var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    package var name: Substring { path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...] }

    /// The status of the entry itself, without following a link.
    package var status: stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    package var exists: Bool { status != nil }
    /// In bytes; 0 if the file does not exist.
    package var size: Int { status.map { Int($0.st_size) } ?? 0 }

    /// Why no database can be here, as a sentence without a full stop; nil if one exists or can be created.
    package var obstacle: String? {
        var status = stat()
        guard stat(directory, &status) == 0 else { return "\(directory): \(String(cString: strerror(errno)))" }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "\(directory) is not a directory" }
        guard stat(path, &status) == 0 else {
            return errno == ENOENT ? nil : "\(path): \(String(cString: strerror(errno)))"
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return "\(path) is not a regular file" }
        return access(path, R_OK) == 0 ? nil : "\(path) cannot be read: \(String(cString: strerror(errno)))"
    }

    /// Writes a file that holds `text`, readable for its owner alone, in one atomic step.
    package func put(_ text: String) throws(FileError) {
        let part = self + ".part"
        part.remove()
        let file = open(part.path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("cannot be written") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            let failure = failure("cannot be written")
            part.remove()
            throw failure
        }
        try part.move(to: self)
    }

    /// Creates an empty file, readable for its owner alone; fails if the path exists.
    package func make() throws(FileError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("cannot be created") }
        close(file)
    }

    /// Flushes the file's contents to disk.
    package func sync() throws(FileError) { try Self.sync(path, O_RDWR) }

    /// Flushes the directory's entries to disk.
    package func syncDirectory() throws(FileError) { try Self.sync(directory, O_RDONLY | O_DIRECTORY) }

    private static func sync(_ path: String, _ flags: Int32) throws(FileError) {
        let file = open(path, flags | O_CLOEXEC)
        defer { close(file) }
        guard file >= 0, fsync(file) == 0 else { throw FilePlace(path).failure("cannot be flushed to disk") }
    }

    /// Moves the file in one atomic step and replaces an existing one.
    package func move(to place: FilePlace) throws(FileError) {
        guard rename(path, place.path) == 0 else { throw place.failure("cannot be written") }
        try place.syncDirectory()
    }

    /// Moves the file; fails if `place` exists.
    package func moveToFree(_ place: FilePlace) throws(FileError) {
        if link(path, place.path) == 0 {
            remove()
            return try place.syncDirectory()
        }
        // Some file systems have no hard links.
        guard errno != EEXIST, !place.exists else { throw place.failure("cannot be written") }
        try move(to: place)
    }

    package func remove() { unlink(path) }

    /// Copies the contents of the open `file` to this path, which must not exist, and flushes the copy to disk.
    package func fill(from file: Int32) throws {
        let copy = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard copy >= 0 else { throw failure("cannot be created") }
        defer { close(copy) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            try Task.checkCancellation()
            let count = read(file, buffer.baseAddress, buffer.count)
            guard count >= 0 else { throw failure("cannot be written: the source of the copy cannot be read") }
            guard count > 0 else { break }
            var written = 0
            while written < count {
                let more = write(copy, buffer.baseAddress?.advanced(by: written), count - written)
                guard more > 0 else { throw failure("cannot be written") }
                written += more
            }
        }
        guard fsync(copy) == 0 else { throw failure("cannot be flushed to disk") }
    }

    /// An error with the text of the last `errno`.
    package func failure(_ what: String) -> FileError {
        FileError("\(path) \(what): \(String(cString: strerror(errno)))")
    }
}

/// A file error, as a line for people.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
