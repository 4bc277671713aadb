// Runs a declarative Jenkinsfile as far as ours goes, for tests/cli/ci.sh: a section or step that is not known here is an
// error, scripts of `sh` are run by a shell with Jenkins' environment. The file is the argument; ends with 1 when a stage failed.

class Part {
    String name
    Map words = [:], values = [:]

    def methodMissing(String word, arguments) {
        if (!words.containsKey(word)) {
            throw new IllegalArgumentException("'$word' is no part of $name")
        }
        words[word].call(*arguments)
    }

    def propertyMissing(String word) {
        if (!values.containsKey(word)) {
            throw new IllegalArgumentException("'$word' is nothing that $name knows")
        }
        values[word]
    }

    def run(Closure body) {
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_ONLY
        body.call()
    }
}

class Failed extends RuntimeException {}

environment = new TreeMap(System.getenv())
failed = false

shell = { what ->
    def wanted = what instanceof Map ? what : [script: what]
    if (!(wanted.keySet() - ['script', 'returnStdout']).empty) {
        throw new IllegalArgumentException("sh takes no ${wanted.keySet()}")
    }
    def program = new ProcessBuilder('sh', '-xe', '-c', wanted.script.toString())
    program.environment().putAll(environment.collectEntries { [it.key, it.value.toString()] })
    program.redirectError(ProcessBuilder.Redirect.INHERIT)
    def process = program.start()
    process.outputStream.close()
    def said = process.inputStream.text
    if (process.waitFor() != 0) {
        throw new Failed()
    }
    if (!wanted.returnStdout) {
        print said
    }
    said
}

// A report that is not there fails the build, as in Jenkins.
needs = { pattern ->
    def wanted = new File(pattern)
    def matcher = java.nio.file.FileSystems.default.getPathMatcher("glob:$wanted.name")
    def files = (wanted.parentFile.listFiles() ?: []).findAll { matcher.matches(it.toPath().fileName) }
    if (!files) {
        throw new IllegalStateException("there is no $pattern")
    }
    files.each { println "report $it" }
}

steps = [
    sh: shell,
    junit: { String pattern -> needs(pattern) },
    archiveArtifacts: { Map wanted -> needs(wanted.artifacts) },
]
steps.script = { Closure body ->
    new Part(name: 'script', words: [sh: shell], values: [env: environment]).run(body)
}

def matches(Closure condition) {
    boolean holds = true
    new Part(name: 'when', words: [
        changeRequest: { -> holds &= environment.containsKey('CHANGE_TARGET') },
        branch: { String wanted -> holds &= environment.BRANCH_NAME == wanted },
    ]).run(condition)
    holds
}

def runStage(String title, Closure body) {
    Closure condition, work, after
    new Part(name: 'stage', words: [when: { condition = it }, steps: { work = it }, post: { after = it }]).run(body)
    if (!work) {
        throw new IllegalArgumentException("the stage '$title' has no steps")
    }
    boolean skipped = failed || (condition && !matches(condition)), broken = false
    if (!skipped) {
        println "stage $title"
        try {
            new Part(name: 'steps', words: steps).run(work)
        } catch (Failed failure) {
            failed = broken = true
        }
    }
    def run = { Closure some -> if (!skipped) { new Part(name: 'post', words: steps).run(some) } }
    if (after) {
        new Part(name: 'post', words: [always: run, aborted: { }, success: { if (!broken) { run(it) } },
                                       failure: { if (broken) { run(it) } }]).run(after)
    }
}

def pipeline = { Closure body ->
    new Part(name: 'pipeline', values: [any: 'any'], words: [
        agent: { assert it == 'any' },
        options: { Closure some -> new Part(name: 'options', words: [disableConcurrentBuilds: { -> }]).run(some) },
        stages: { Closure some -> new Part(name: 'stages', words: [stage: { title, stage -> runStage(title, stage) }]).run(some) },
    ]).run(body)
}

new GroovyShell(new Binding([pipeline: pipeline])).evaluate(new File(args[0]))
System.exit(failed ? 1 : 0)
