import ArgumentParser
import BerthServer

@main struct BerthCommand: ParsableCommand {}
