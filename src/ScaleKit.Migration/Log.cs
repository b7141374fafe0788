using Microsoft.Extensions.Logging;

namespace ScaleKit.Migration;

/// <summary>Every message of the package. Keys and values never appear: they come from users.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Migration of '{Old}' to '{New}' stands in {Phase}, epoch {Epoch}")]
    public static partial void Loaded(ILogger logger, string old, string @new, MigrationPhase phase, long epoch);

    [LoggerMessage(2, LogLevel.Information, "Migration moved from {From} to {To}, epoch {Epoch}, in {Milliseconds} ms")]
    public static partial void Moved(ILogger logger, MigrationPhase from, MigrationPhase to, long epoch, long milliseconds);

    [LoggerMessage(3, LogLevel.Warning, "Move from {From} to {To} refused: {Reasons}")]
    public static partial void Refused(ILogger logger, MigrationPhase from, MigrationPhase to, string reasons);

    [LoggerMessage(4, LogLevel.Warning, "Operations of the phase before {Phase} have not ended; the next move waits for them")]
    public static partial void NotSettled(ILogger logger, MigrationPhase phase);

    [LoggerMessage(5, LogLevel.Error, "Move from {From} to {To} failed; the migration goes on in the phase that its journal names")]
    public static partial void MoveFailed(ILogger logger, MigrationPhase from, MigrationPhase to, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "The mirror '{Mirror}' fails; its debt stays in the outbox of '{Sequencer}'")]
    public static partial void MirrorDown(ILogger logger, string mirror, string sequencer, Exception exception);

    [LoggerMessage(7, LogLevel.Information, "The mirror '{Mirror}' takes rows again")]
    public static partial void MirrorBack(ILogger logger, string mirror);

    [LoggerMessage(8, LogLevel.Information, "Kill switch: migration work is {State}; reads and writes go on in {Phase}")]
    public static partial void Switched(ILogger logger, string state, MigrationPhase phase);

    [LoggerMessage(9, LogLevel.Information, "Backfill from '{Source}' to '{Target}': {Rows} rows, {Applied} of them newer, resumed: {Resumed}")]
    public static partial void BackfillDone(ILogger logger, string source, string target, long rows, long applied, bool resumed);

    [LoggerMessage(10, LogLevel.Information, "Verification of '{Target}' against '{Source}': {Compared} rows compared, {Differences} differences, {Repaired} repaired")]
    public static partial void VerificationDone(ILogger logger, string source, string target, long compared, long differences, long repaired);

    [LoggerMessage(11, LogLevel.Warning, "The lease of this instance ended in {Phase}, epoch {Epoch}: it answers nothing until it has a new one")]
    public static partial void LeaseEnded(ILogger logger, MigrationPhase phase, long epoch);

    [LoggerMessage(12, LogLevel.Warning, "The journal does not answer: the lease of this instance is not renewed")]
    public static partial void BeatFailed(ILogger logger, Exception exception);

    [LoggerMessage(13, LogLevel.Information, "The lease could not be given back; it ends by itself")]
    public static partial void LeaseKept(ILogger logger, Exception exception);

    [LoggerMessage(14, LogLevel.Warning, "The mirror does not take {Share:P1} of the rows, more than MirrorFailureLimit, {Limit:P1}")]
    public static partial void MirrorFailing(ILogger logger, double share, double limit);

    [LoggerMessage(15, LogLevel.Information, "The mirror takes the rows again, all but {Share:P1}")]
    public static partial void MirrorTakes(ILogger logger, double share);

    [LoggerMessage(16, LogLevel.Error, "A handler of an event has failed. The migration goes on")]
    public static partial void HandlerFailed(ILogger logger, Exception exception);

    [LoggerMessage(17, LogLevel.Warning, "The journal has lost writes: it stood at revision {Found}, this instance has seen {Seen}, and has written it anew: {Phase}, epoch {Epoch}")]
    public static partial void JournalRestored(ILogger logger, long found, long seen, MigrationPhase phase, long epoch);
}
