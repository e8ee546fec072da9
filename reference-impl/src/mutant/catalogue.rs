//! Every mutant: its name, what it stands for, what it does, and its deaths.

use super::declare::mutants;
use super::{Death, scenarios};

// A table reads by its rows: mutant = name, rule or bug, what it does, then scenario, check, "because of", [what fails with it].
#[rustfmt::skip]
mutants! {
    // Which files are read.
    ServesOwnProcess = "serves-own-process", "C1", "the endpoint serves the files of one process only",
        COUNTER SERVED "the endpoint serves one process of 2" [],
        SERVED_AS_ASKED ASKED "below" [SERVED];
    DropsAProcess = "drops-a-process", "M1", "where several processes have files, those of one are not read",
        GAUGE_ALL SERVED "2 series missing" [],
        SCRAPES BRACKETED "lies outside the files" [SERVED],
        EIGHT SERVED "pid" [];
    CountsAProcessTwice = "counts-a-process-twice", "C5", "the files of one process are read twice",
        SUMMARY SERVED "twice" [],
        SIXTEEN SERVED "twice" [],
        SIXTY_FOUR SERVED "twice" [];
    ForgetsNewFiles = "forgets-new-files", "C30", "the first listing of the directory that is not empty is kept for ever",
        REPLACED SERVED "missing" [],
        SCALES_UP SERVED "missing" [],
        GENERATIONS SERVED "missing" [];
    ForgetsHistograms = "forgets-histograms", "M1", "the files of histograms are not read",
        HISTOGRAM SERVED "the endpoint serves none" [];
    StopsAtABadFile = "stops-at-a-bad-file", "C6", "of the files in the order of their names, those from the first bad one on are not read",
        EMPTY SERVED "the endpoint serves none" [];
    WaitsForEveryWorker = "waits-for-every-worker", "T4", "a scrape waits for processes that were halted",
        HALTED AVAILABLE "no complete answer within" [VALID, SERVED];
    SkipsTheDead = "skips-the-dead", "M1", "the files of processes that have ended are not read",
        INHERITS SERVED "counterfoil_inherited_total" [],
        REPLACED SERVED "jobs_total" [MONOTONIC];
    ServesItsOwnGroup = "serves-its-own-group", "T8", "the files of living processes that are none of the fleet's are not read",
        FOREIGN_PROCESS SERVED "counterfoil_inherited_total" [];
    SlowsWithEveryFile = "slows-with-every-file", "C29", "a scrape takes two milliseconds for each file that there is",
        TWO_THOUSAND LATENCY "the slowest of 1" [];
    ServesTheDeparted = "serves-the-departed", "C50", "live gauges that were once served are served for ever",
        LIVE_GAUGES LIVE_PIDS "live gauges of dead processes are served" [SERVED];
    GoesBackwards = "goes-backwards", "C44", "every other scrape serves the files of one process only",
        SCRAPES MONOTONIC "fell or vanished" [BRACKETED, SERVED],
        APPEARING MONOTONIC "fell or vanished" [BRACKETED, SERVED],
        AT_ONCE BRACKETED "lies outside the files" [SERVED],
        PROMETHEUS_SCRAPES AGREES "fell on the way" [SERVED];
    StaleCache = "stale-cache", "C14", "the first scrape that is not empty is served for ever",
        REPLACED SERVED "jobs_total{queue=\"mail\"}: truth 40.0, got scrape 20.0" [],
        SCRAPES BRACKETED "lies outside the files" [SERVED],
        OPENMETRICS_LIVE BRACKETED "lies outside the files" [SERVED],
        HALTED_OWNER SERVED "truth" [MONOTONIC, BRACKETED];
    // How values are folded.
    ValuesAsF32 = "values-as-f32", "M4", "values are rounded to 32-bit floats before they are merged",
        SUMMARY SERVED "payload_bytes_sum" [],
        AMOUNTS SERVED "sent_bytes_total{kind=\"mixed\"}" [];
    CountOfOneProcess = "count-of-one-process", "M4", "a count is that of the first process, the sum that of all",
        SUMMARY SERVED "payload_bytes_count" [];
    SumsOneHelp = "sums-one-help", "C34", "of a counter, histogram or summary, values with another HELP than the first are not added",
        TWO_GENERATIONS SERVED "jobs_total" [MONOTONIC];
    BucketsNotAccumulated = "buckets-not-accumulated", "M9", "histogram buckets are served as they are stored",
        HISTOGRAM VALID "bucket-not-cumulative" [SERVED];
    ServesTheNeverSet = "serves-the-never-set", "M7", "a gauge of the modes mostrecent and livemostrecent that was never set is served as 0",
        NEVER_SET SERVED "2 series in no file" [];
    GaugeAllAsMin = "gauge-all-as-min", "M5", "gauges of the modes all and liveall are merged as min",
        GAUGE_ALL SERVED "temperature{room=\"hall\"}" [];
    GaugeAllAsMax = "gauge-all-as-max", "M5", "gauges of the modes all and liveall are merged as max",
        GAUGE_ALL SERVED "2 series in no file" [];
    GaugeAllAsSum = "gauge-all-as-sum", "M5", "gauges of the modes all and liveall are merged as sum",
        GAUGE_ALL SERVED "2 series in no file" [];
    GaugeAllAsMostRecent = "gauge-all-as-mostrecent", "M5", "gauges of the modes all and liveall are merged as mostrecent",
        GAUGE_ALL SERVED "4 series missing" [];
    GaugeMinAsAll = "gauge-min-as-all", "M6", "gauges of the modes min and livemin are merged as all",
        GAUGE_MIN_MAX SERVED "4 series in no file" [];
    GaugeMinAsMax = "gauge-min-as-max", "M6", "gauges of the modes min and livemin are merged as max",
        GAUGE_MIN_MAX SERVED "truth -7.5, got scrape 4.0" [];
    GaugeMinAsSum = "gauge-min-as-sum", "M6", "gauges of the modes min and livemin are merged as sum",
        GAUGE_MIN_MAX SERVED "truth -7.5, got scrape -3.5" [];
    GaugeMinAsMostRecent = "gauge-min-as-mostrecent", "M6", "gauges of the modes min and livemin are merged as mostrecent",
        GAUGE_MIN_MAX SERVED "truth -7.5, got scrape nothing" [];
    GaugeMaxAsAll = "gauge-max-as-all", "M6", "gauges of the modes max and livemax are merged as all",
        GAUGE_MIN_MAX SERVED "4 series in no file" [];
    GaugeMaxAsMin = "gauge-max-as-min", "M6", "gauges of the modes max and livemax are merged as min",
        GAUGE_MIN_MAX SERVED "truth 4.0, got scrape -7.5" [];
    GaugeMaxAsSum = "gauge-max-as-sum", "M6", "gauges of the modes max and livemax are merged as sum",
        GAUGE_MIN_MAX SERVED "truth 4.0, got scrape -3.5" [];
    GaugeMaxAsMostRecent = "gauge-max-as-mostrecent", "M6", "gauges of the modes max and livemax are merged as mostrecent",
        GAUGE_MIN_MAX SERVED "truth 4.0, got scrape nothing" [];
    GaugeSumAsAll = "gauge-sum-as-all", "M5", "gauges of the modes sum and livesum are merged as all",
        GAUGE_SUM SERVED "6 series in no file" [];
    GaugeSumAsMin = "gauge-sum-as-min", "M5", "gauges of the modes sum and livesum are merged as min",
        GAUGE_SUM SERVED "2 series served with another value" [];
    GaugeSumAsMax = "gauge-sum-as-max", "M5", "gauges of the modes sum and livesum are merged as max",
        GAUGE_SUM SERVED "2 series served with another value" [];
    GaugeSumAsMostRecent = "gauge-sum-as-mostrecent", "M5", "gauges of the modes sum and livesum are merged as mostrecent",
        GAUGE_SUM SERVED "2 series missing" [];
    GaugeMostRecentAsAll = "gauge-mostrecent-as-all", "M7", "gauges of the modes mostrecent and livemostrecent are merged as all",
        GAUGE_RECENT SERVED "4 series in no file" [];
    GaugeMostRecentAsMin = "gauge-mostrecent-as-min", "M7", "gauges of the modes mostrecent and livemostrecent are merged as min",
        GAUGE_RECENT SERVED "truth 30.0, got scrape 12.0" [];
    GaugeMostRecentAsMax = "gauge-mostrecent-as-max", "M7", "gauges of the modes mostrecent and livemostrecent are merged as max",
        GAUGE_RECENT SERVED "truth 3.0, got scrape 12.0" [];
    GaugeMostRecentAsSum = "gauge-mostrecent-as-sum", "M7", "gauges of the modes mostrecent and livemostrecent are merged as sum",
        GAUGE_RECENT SERVED "truth 30.0, got scrape 42.0" [];
    // What is made of the merged families.
    LosesAFamily = "loses-a-family", "M1", "the first family is not served",
        GAUGE_MIN_MAX SERVED "1 series missing" [];
    LosesSums = "loses-sums", "M9", "no sum of a histogram or summary is served",
        HISTOGRAM SERVED "wait_seconds_sum" [VALID],
        NO_OBSERVATION SERVED "refused_bytes_sum" [VALID];
    SumsWithheldBelowZero = "sums-withheld-below-zero", "M11", "no sum of a histogram with a negative bound is served",
        BELOW_ZERO SERVED "drift_seconds_sum" [VALID];
    BucketsAccumulatedTwice = "buckets-accumulated-twice", "M9", "buckets that are cumulative are accumulated once more",
        HISTOGRAM VALID "count-differs" [SERVED];
    BucketsOffByOne = "buckets-off-by-one", "M9", "each bucket has the count of the next one",
        HISTOGRAM SERVED "wait_seconds_bucket" [],
        WIDE SERVED "latency_seconds_bucket" [];
    BucketsUnsorted = "buckets-unsorted", "M10", "buckets are served from the greatest bound to the least",
        HISTOGRAM VALID "bucket-order" [],
        SIZES VALID "bucket-order" [];
    BucketsAccumulatedOverSets = "buckets-accumulated-over-sets", "M9", "buckets are accumulated from one label set to the next",
        SETS SERVED "wait_seconds_bucket" [VALID];
    InfBucketMissing = "inf-bucket-missing", "M9", "the bucket +Inf is not served",
        BEYOND VALID "missing-inf-bucket" [SERVED];
    ZerosDropped = "zeros-dropped", "F7", "a series whose value is 0 is not served",
        UNTOUCHED SERVED "failures_total" [],
        IDLE SERVED "wait_seconds_bucket" [VALID];
    ExtremesStartAtZero = "extremes-start-at-zero", "C18", "a minimum is never above 0, a maximum never below",
        EXTREMES SERVED "truth 12.0, got scrape 0.0" [];
    OneProcessIsNotMerged = "one-process-is-not-merged", "M5", "where one process has set gauges of the modes all and liveall, they have no pid",
        ONE SERVED "temperature{" [];
    ValuesAsIntegers = "values-as-integers", "M12", "values are rounded to integers",
        SUMMARY SERVED "payload_bytes_sum" [];
    NegativesAsZero = "negatives-as-zero", "M12", "values below zero are served as zero",
        SPECIAL SERVED "truth -1234567.875, got scrape 0.0" [],
        UP_AND_DOWN SERVED "truth -34.5, got scrape 0.0" [];
    InfinitiesClamped = "infinities-clamped", "M12", "an infinity is served as the greatest finite number",
        SPECIAL SERVED "truth +Inf, got scrape 1.7976931348623157e+308" [];
    NansDropped = "nans-dropped", "M12", "a series whose value is NaN is not served",
        SPECIAL SERVED "truth NaN, got scrape nothing" [];
    SixDigits = "six-digits", "M12", "values are served with six digits",
        NUMBERS SERVED "seventeen digits" [];
    // How they are written.
    EscapesMissing = "escapes-missing", "C36", "label values are served without escapes",
        LABELS VALID "unterminated-label-value" [SERVED];
    LabelsSwapped = "labels-swapped", "F4", "the labels of a sample exchange their values",
        LABELS SERVED "Grüße, Ærøskøbing" [],
        SERIES SERVED "path" [];
    LabelsTruncated = "labels-truncated", "F4", "label values are cut after eight characters",
        LABELS SERVED "Grüße, Ærøskøbing" [],
        LONG SERVED "SELECT" [VALID];
    LabelsDropped = "labels-dropped", "F4", "the last label of each sample is left out",
        LABELS SERVED "Grüße, Ærøskøbing" [],
        SIXTEEN_NAMES SERVED "requests_total" [VALID];
    LabelsLowercased = "labels-lowercased", "M4", "label values are served in lower case",
        VALUES_APART VALID "duplicate-series" [SERVED];
    StripsEveryPid = "strips-every-pid", "C35", "no label named pid is served",
        PID VALID "duplicate-series" [SERVED];
    Utf8AsLatin1 = "utf8-as-latin1", "F4", "the bytes of label values are taken for Latin-1 and encoded again",
        LABELS SERVED "Grüße, Ærøskøbing" [];
    DuplicateSeries = "duplicate-series", "M14", "the first sample of each family is served twice",
        GAUGE_RECENT VALID "duplicate-series" [];
    TypeMissing = "type-missing", "M3", "no TYPE line is served",
        COUNTER SERVED "3 series in no file" [];
    TypeDoubled = "type-doubled", "M3", "every TYPE line is served twice",
        COUNTER VALID "duplicate-type" [];
    CountersAsGauges = "counters-as-gauges", "M3", "counters are declared to be gauges",
        COUNTER SERVED "3 series in no file" [];
    HelpMissing = "help-missing", "M3", "no HELP line is served",
        COUNTER SERVED "jobs is served without HELP" [];
    HelpDoubled = "help-doubled", "M3", "every HELP line is served twice",
        COUNTER VALID "duplicate-help" [];
    HelpOfAnotherFamily = "help-of-another-family", "M3", "each family has the HELP of the one after it",
        GAUGE_MIN_MAX SERVED "coldest is served with HELP" [];
    HelpByPrefix = "help-by-prefix", "M3", "each family has the HELP of the family with the shortest name that its own begins with",
        PREFIXES SERVED "jobs_failed is served with HELP" [];
    HelpUnescaped = "help-unescaped", "F4", "HELP texts are served without their escapes",
        HELP VALID "two" [SERVED];
    ColonsAsUnderscores = "colons-as-underscores", "F4", "colons in names are served as underscores",
        COLONS SERVED "mail:jobs:done_total" [];
    TotalMissing = "total-missing", "F4", "the samples of counters are served without `_total`",
        COUNTER SERVED "the endpoint serves none" [];
    ServesCreated = "serves-created", "C22", "each counter comes with the time of its creation, which no file has",
        COUNTER SERVED "jobs_created" [];
    ServesTimestamps = "serves-timestamps", "M11", "each sample is served with a timestamp",
        COUNTER SERVED "is served with timestamps" [];
    FamiliesInterleaved = "families-interleaved", "C26", "the first sample is served behind those of all other families",
        OPENMETRICS VALID "interleaved-families" [],
        FAMILIES VALID "interleaved-families" [];
    EofMissing = "eof-missing", "C26", "OpenMetrics ends without `# EOF`",
        OPENMETRICS VALID "missing-eof" [],
        PROMETHEUS_SCRAPES AGREES "series are not what was asked of the workers" [];
    OpenmetricsTotal = "openmetrics-total", "C26", "in OpenMetrics the TYPE of counters has the name with `_total`",
        OPENMETRICS VALID "invalid-sample-name" [SERVED];
    NoFinalNewline = "no-final-newline", "exposition/valid", "the last line is served without its end",
        COUNTER VALID "missing-final-newline" [];
    CrlfLines = "crlf-lines", "exposition/valid", "lines end as on Windows",
        COUNTER VALID "carriage-return" [];
    // How it is sent.
    WrongContentType = "wrong-content-type", "C26", "the text format is served as application/json",
        COUNTER AVAILABLE "its content type is \"application/json\"" [VALID, SERVED];
    IgnoresAccept = "ignores-accept", "M15", "whoever asks for OpenMetrics gets text",
        OPENMETRICS AVAILABLE "its content type is \"text/plain" [VALID, SERVED];
    ServesANewerVersion = "serves-a-newer-version", "scrape/version", "whoever asks for text 0.0.4 gets what is said to be 1.0.0",
        TEXT_VERSION VERSION "another version: \"text/plain; version=1.0.0" [];
    ServesADraft = "serves-a-draft", "scrape/version", "whoever asks for OpenMetrics 1.0.0 gets what is said to be a draft of it",
        OPENMETRICS VERSION "another version: \"application/openmetrics-text; version=0.0.1" [];
    Status500 = "status-500", "M13", "the right body is served with status 500",
        BEFORE AVAILABLE "status 500" [VALID, SERVED];
    FailsBeforeTheFirstTask = "fails-before-the-first-task", "T10", "status 500 is served as long as nothing has been counted",
        BEFORE AVAILABLE "nothing has been counted" [VALID, SERVED];
    FailsOnABadFile = "fails-on-a-bad-file", "C6", "status 500 is served as long as there is a file that cannot be read",
        EMPTY AVAILABLE "a file cannot be read" [VALID, SERVED],
        FOREIGN AVAILABLE "a file cannot be read" [VALID, SERVED],
        FOLDER AVAILABLE "a file cannot be read" [VALID, SERVED],
        HALF AVAILABLE "a file cannot be read" [VALID, SERVED],
        OLDER AVAILABLE "a file cannot be read" [VALID, SERVED],
        NOISE AVAILABLE "a file cannot be read" [VALID, SERVED];
    FailsOnZeros = "fails-on-zeros", "F2", "status 500 is served as long as there is a file to which nothing was written",
        ZEROS AVAILABLE "a file holds zeros" [VALID, SERVED];
    LocksTheDirectory = "locks-the-directory", "scrape/available", "a scrape creates a lock file among the metric files, and fails where it cannot",
        READ_ONLY AVAILABLE "the directory cannot be locked" [VALID, SERVED];
    RefusesAtOnce = "refuses-at-once", "C31", "status 500 is served while another scrape is under way",
        AT_ONCE AVAILABLE "another scrape is under way" [VALID, SERVED];
    ServesNothing = "serves-nothing", "T1", "an empty body is served, with status 200",
        COUNTER SERVED "the endpoint serves none" [VALID];
    OneAtATime = "one-at-a-time", "C31", "one connection is served after the other",
        SLOW_SCRAPERS AVAILABLE "no complete answer within" [BRACKETED];
    PartialBody = "partial-body", "scrape/available", "the connection ends before the body does",
        COUNTER AVAILABLE "the answer breaks off" [VALID, SERVED];
    CutGzip = "cut-gzip", "scrape/available", "a compressed body is cut off in the middle",
        COUNTER AVAILABLE "incomplete deflate stream" [VALID, SERVED];
    AnswersGarbage = "answers-garbage", "scrape/available", "what is answered is not HTTP",
        BEFORE AVAILABLE "no HTTP response" [VALID, SERVED];
    ServesAPage = "serves-a-page", "exposition/valid", "a web page is served as the text format",
        BEFORE VALID "invalid-metric-name" [SERVED];
    AnswersWithoutEnd = "answers-without-end", "C31", "behind the right body come comments for ever",
        BEFORE AVAILABLE "no complete answer within" [VALID, SERVED];
    Drips = "drips", "C29", "the right body is served, ten bytes a second",
        BEFORE AVAILABLE "no complete answer within" [VALID, SERVED];
    Redirects = "redirects", "scrape/available", "scrapes are sent elsewhere, with status 302",
        COUNTER AVAILABLE "status 302" [VALID, SERVED];
    ClaimsGzip = "claims-gzip", "scrape/available", "the body is declared to be compressed, and is not",
        BEFORE AVAILABLE "invalid gzip header" [VALID, SERVED];
    ServesProtobuf = "serves-protobuf", "scrape/available", "protobuf is served to those who ask for text",
        COUNTER AVAILABLE "it is answered with protobuf" [VALID, SERVED];
    IgnoresNames = "ignores-names", "M15", "everything is served to those who ask for chosen names",
        CHOSEN_NAMES NAMES "series served beside them" [];
    NothingForNames = "nothing-for-names", "C37", "nothing is served to those who ask for chosen names",
        CHOSEN_NAMES NAMES "series missing" [];
    // What comes of it when the broker is away.
    StaysAway = "stays-away", "fleet/works-on", "a worker that has lost the broker never comes back to it",
        CUT WORKS "20 tasks were still queued" [],
        KILLED WORKS "tasks were still queued" [];
    EndsWithTheBroker = "ends-with-the-broker", "fleet/works-on", "a worker that has lost the broker ends the whole fleet",
        CUT WORKS "the fleet ended" [AVAILABLE, VALID, SERVED, MONOTONIC],
        BROKER_RESTARTED WORKS "the fleet ended" [AVAILABLE, VALID, SERVED, MONOTONIC];
    RepeatsAfterALoss = "repeats-after-a-loss", "C32", "a worker that has lost the broker executes its last task again",
        CONNECTIONS LEDGER "the workers counted too much" [],
        KILLED LEDGER "the workers counted too much" [];
    ResetsWithTheBroker = "resets-with-the-broker", "C13", "a worker that has lost the broker ends, and its files go with it",
        CONNECTIONS LEDGER "below" [MONOTONIC],
        BROKER_RESTARTED LEDGER "below" [MONOTONIC];
    CountsOnlyWithTheBroker = "counts-only-with-the-broker", "F11", "nothing is recorded while the broker is away, and all is acknowledged",
        LOST LEDGER "the workers lost something" [],
        QUEUED LEDGER "the workers lost something" [];
    AsksTheBroker = "asks-the-broker", "T4", "status 500 is served while the broker is away",
        CUT AVAILABLE "the broker is away" [VALID, SERVED];
    WaitsForTheBroker = "waits-for-the-broker", "C31", "a scrape waits for the broker's answer",
        STALLED AVAILABLE "no complete answer within" [VALID, SERVED],
        BROKER_PAUSED AVAILABLE "no complete answer within" [VALID, SERVED];
    Impatient = "impatient", "fleet/works-on", "a worker gives up answers of the broker that are late, with the tasks in them",
        SLOW WORKS "tasks were taken and never acknowledged" [];
    WaitsForEver = "waits-for-ever", "fleet/works-on", "a worker waits for an answer of the broker for ever",
        HALF_OPEN WORKS "were to acknowledge tasks, 0 did" [];
    // What workers do.
    LosesAnIncrement = "loses-an-increment", "C32", "a worker skips every 7th inc or observe and acknowledges it",
        COUNTER LEDGER "below" [],
        SERVED_AS_ASKED ASKED "below" [LEDGER];
    DoublesAnIncrement = "doubles-an-increment", "C32", "a worker executes every 7th inc or observe twice",
        HISTOGRAM LEDGER "the workers counted too much" [];
    LosesOneInAThousand = "loses-one-in-a-thousand", "C32", "a worker skips every 1,000th inc or observe and acknowledges it",
        TASKS LEDGER "below" [],
        A_MILLION LEDGER "below" [];
    SkipsUnknownOps = "skips-unknown-ops", "fleet/works-on", "a worker executes what it knows of a task, and skips the rest",
        UNKNOWN_OP WORKS "holds an op that nobody knows" [];
    AcknowledgesBeforeItRecords = "acknowledges-before-it-records", "F11", "a worker acknowledges a task, and executes it when the next one comes",
        COUNTER LEDGER "the workers lost something" [];
    WritesWhenIdle = "writes-when-idle", "F11", "a worker acknowledges tasks, and executes them when there are no more",
        MIDDLE LEDGER "the workers lost something" [];
    ForgetsFailedTasks = "forgets-failed-tasks", "M4", "of a task that fails nothing is recorded",
        FAILING LEDGER "attempts_total" [];
    GoesOnAfterAFailure = "goes-on-after-a-failure", "M4", "a task that fails is executed to its end",
        FAILING LEDGER "successes_total" [];
    SetsAsItAdds = "sets-as-it-adds", "F8", "setting a gauge adds to it",
        GAUGE_MIN_MAX LEDGER "the workers counted too much" [];
    BoundsExclusive = "bounds-exclusive", "M9", "an observation that lies on a bound is counted beyond it",
        HISTOGRAM LEDGER "wait_seconds_bucket{le=\"0.25\"" [],
        BOUNDS LEDGER "le=\"0.25\"" [];
    AcknowledgesTheUnrecorded = "acknowledges-the-unrecorded", "F11", "a worker acknowledges tasks that it could not record",
        FULL_DISK LEDGER "the workers lost something" [],
        READ_ONLY LEDGER "the workers lost something" [];
    EndsWhenItCannotRecord = "ends-when-it-cannot-record", "fleet/works-on", "a worker that cannot record a task ends, as one does that a signal tells of a full disk",
        FULL_DISK WORKS "the fleet does not work on" [],
        READ_ONLY WORKS "the fleet does not work on" [];
    NeverRecordsAgain = "never-records-again", "fleet/works-on", "a worker that could not record a task refuses all that come",
        FULL_DISK WORKS "something could not be recorded before" [],
        READ_ONLY WORKS "something could not be recorded before" [];
    ForgetsItsNamesake = "forgets-its-namesake", "F10", "a worker that starts removes the files of an earlier one with its pid",
        PID_AGAIN LEDGER "jobs_total" [MONOTONIC];
    CountsIntoInheritedFiles = "counts-into-inherited-files", "F9", "a worker counts in the files of the process that started it",
        PREFORK LEDGER "release" [];
    CountsIntoRemovedFiles = "counts-into-removed-files", "C14", "a worker whose files were removed counts on in them",
        WIPED LEDGER "jobs_total" [];
    LeavesAnEmptyFile = "leaves-an-empty-file", "C6", "a worker leaves an empty counter_0.db, as one does that is killed before it sizes its file",
        COUNTER READABLE "counter_0.db" [];
    // What their supervisor does.
    ResetsOnRestart = "resets-on-restart", "C13", "all files of a dead worker are removed, so counters fall",
        REPLACED LEDGER "5 below" [MONOTONIC],
        ENDS_ITSELF LEDGER "below" [MONOTONIC];
    DeletesDeadCounters = "deletes-dead-counters", "C13", "the counters of a dead worker are removed, everything else of it stays",
        REPLACED LEDGER "1 below" [MONOTONIC],
        SCALES_DOWN LEDGER "jobs_total" [MONOTONIC, LIVE_PIDS],
        TERMINATED LEDGER "jobs_total" [MONOTONIC];
    WipesOnDeath = "wipes-on-death", "C14", "when a worker dies, the files of all are removed",
        REPLACED LEDGER "5 below" [MONOTONIC],
        DYING LEDGER "below" [MONOTONIC];
    KeepsDeadLiveGauges = "keeps-dead-live-gauges", "C16", "dead workers are not marked dead",
        LIVE_GAUGES LEDGER "connections{queue=\"mail\"}: ledger 3, got truth 6.0" [LIVE_PIDS],
        LIVE_GAUGES LIVE_PIDS "there is still gauge_live" [LEDGER],
        SCALES_DOWN LIVE_PIDS "there is still gauge_live" [LEDGER],
        PID_AGAIN LEDGER "in_progress" [];
    BuriesEveryGauge = "buries-every-gauge", "M8", "when a worker is marked dead, its gauges of all modes are removed",
        LIVE_GAUGES LEDGER "moved" [];
    EndpointDiesWithFirstWorker = "endpoint-dies-with-first-worker", "T4", "when a worker dies, the endpoint goes with it and stays away",
        LIVE_GAUGES AVAILABLE "nobody answers" [VALID, SERVED];
    EndpointStaysDead = "endpoint-stays-dead", "T4", "the process that serves the endpoint is not replaced",
        OWNER AVAILABLE "nobody answers" [VALID, SERVED],
        OWNER_TERMINATED AVAILABLE "nobody answers" [VALID, SERVED];
    IgnoresScaling = "ignores-scaling", "fleet/works-on", "the supervisor does nothing when it is asked for a worker more or fewer",
        SCALES_UP WORKS "after SIGTTIN the fleet has" [],
        SCALES_DOWN WORKS "after SIGTTOU the fleet has" [];
    KillsWhoIsScaledAway = "kills-who-is-scaled-away", "fleet/works-on", "a worker that is one too many is killed in the middle of its task",
        SCALES_DOWN WORKS "tasks were taken and never acknowledged" [];
    CleansUpWhenItGrows = "cleans-up-when-it-grows", "C13", "when a worker is added, the files of those who have ended are removed",
        SCALES_AGAIN LEDGER "below" [MONOTONIC],
        SCALED AGREES "fell on the way" [LEDGER];
    KeepsWhatWasBefore = "keeps-what-was-before", "T2", "a fleet that is started again goes on with the files of its earlier run",
        STARTED_AGAIN LEDGER "the workers counted too much" [];
    WipesItsPredecessor = "wipes-its-predecessor", "C14", "a fleet that starts removes the files of one that still works on the directory",
        TWO_GENERATIONS LEDGER "below" [MONOTONIC];
    SharesADirectory = "shares-a-directory", "T11", "a fleet takes the metrics directory of one that is there already",
        TWO_FLEETS LEDGER "the workers counted too much" [],
        NEIGHBOUR_DIES LEDGER "the workers counted too much" [],
        PODS LEDGER "the workers counted too much" [SERVED];
    SharesAQueue = "shares-a-queue", "C42", "a fleet takes tasks from another's queue, too",
        TWO_FLEETS WORKS "of the neighbour took task" [];
    OutlivesItsSupervisor = "outlives-its-supervisor", "fleet/no-orphans", "the workers ignore SIGTERM, and the supervisor ends without them",
        ENDS ORPHANS "was to end, and left" [];
    OutlivesAKilledSupervisor = "outlives-a-killed-supervisor", "fleet/no-orphans", "a worker does not notice that its supervisor is gone",
        BEHEADED ORPHANS "was to end, and left" [];
}
