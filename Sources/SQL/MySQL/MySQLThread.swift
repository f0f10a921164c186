import CMariaDB
import Glibc

/// What libmariadb wants of every thread that uses it.
enum MySQLThread {
    static func begin() {
        // A connection that was cut while it is written to shall be an error, also where OpenSSL writes.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        mysql_thread_init()
    }

    static func end() { mysql_thread_end() }
}
