import ArgumentParser
import Glibc
import NIOCore
import NIOPosix

/// Many simulated Docker Engines in one process, on Unix sockets, without real containers.
///
/// They implement the part of the Engine API that Berth uses, over real HTTP, and cost little, so that a benchmark
/// measures the server that follows them. The process prints `ready` once all sockets listen. A line `go` on standard
/// input begins the events, `stop` pauses them, and the end of the input ends the simulation. Each change of a
/// container is written to standard output as `NAME running|exited NANOSECONDS`, with the same time as in the event.
@main
struct Simulation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "SimulatedEngine",
        abstract: "Simulate Docker Engines whose containers end and start again at a set rate.",
        discussion: """
            Prints "ready", then waits for lines on standard input: "go" begins the events, "stop" pauses them. Ends \
            when its standard input does.
            """
    )

    @Option(help: "Where the sockets are made: 0.sock, 1.sock, ….")
    var directory: String

    @Option(help: "How many engines.")
    var engines = 1

    @Option(help: "How many containers run on each engine from the start.")
    var containers = 10

    @Option(help: "How many containers change in a second, over all engines.")
    var eventsPerSecond = 1.0

    @Option(help: "The instance that the containers are labelled with: 26 characters of a-z2-7.")
    var instance: String

    @Option(help: "The app that the containers are runs of.")
    var app = "simulated"

    func validate() throws {
        guard engines >= 1, containers >= 0 else { throw ValidationError("There must be an engine at least.") }
        guard engines * containers < RunNumbering.limit else { throw ValidationError("Those are too many containers.") }
        guard eventsPerSecond >= 0, eventsPerSecond <= 1_000_000 else {
            throw ValidationError("--events-per-second takes 0 to 1000000.")
        }
    }

    func run() throws {
        raiseOpenFiles()
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let seed = Seed(instance: instance, app: app, containersPerEngine: containers)
        let fleet = try loop.flatSubmit { [engines, directory, eventsPerSecond] in
            let fleet = Fleet(engines: engines, seed: seed, eventsPerSecond: eventsPerSecond, loop: loop)
            let bound = NIOLoopBound(fleet, eventLoop: loop)
            return fleet.listen(in: directory).map { bound }
        }.wait()
        print("ready")
        fflush(nil)
        while let line = readLine() {
            loop.execute {
                switch line {
                case "go": fleet.value.goOn()
                case "stop": fleet.value.pause()
                default: break
                }
            }
        }
    }
}

private func raiseOpenFiles() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
