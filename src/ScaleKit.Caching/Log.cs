using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching;

/// <summary>All log messages of the package. Keys and tags come from users and are never in one.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Cache {Cache}: the distributed store failed to read; the value counts as missing.")]
    public static partial void ReadFailed(ILogger logger, Exception exception, string cache);

    [LoggerMessage(2, LogLevel.Warning, "Cache {Cache}: the distributed store failed to write; the value is in memory only.")]
    public static partial void WriteFailed(ILogger logger, Exception exception, string cache);

    [LoggerMessage(3, LogLevel.Warning, "Cache {Cache}: {Bytes} bytes in the distributed store are corrupt or foreign and count as missing. Said once; see the counter scalekit.cache.rejections.")]
    public static partial void Corrupt(ILogger logger, string cache, int bytes);

    [LoggerMessage(4, LogLevel.Warning, "Cache {Cache}: a value of {Bytes} bytes is over the limit of {Limit} and is not cached. Said once; see the counter scalekit.cache.rejections.")]
    public static partial void Oversized(ILogger logger, string cache, int bytes, int limit);

    [LoggerMessage(5, LogLevel.Error, "Cache {Cache}: values of type {Type} cannot be serialized and are not cached.")]
    public static partial void Unserializable(ILogger logger, Exception exception, string cache, string type);

    [LoggerMessage(6, LogLevel.Warning, "Cache {Cache}: the factory failed and a value past its expiration was served.")]
    public static partial void ServedStale(ILogger logger, Exception exception, string cache);

    [LoggerMessage(7, LogLevel.Warning, "Cache {Cache}: the invalidation log cannot be read; it is asked again at every heartbeat.")]
    public static partial void LogUnreachable(ILogger logger, Exception exception, string cache);

    [LoggerMessage(20, LogLevel.Warning, "Cache {Cache}: a refresh in the background failed; the value is served until it expires.")]
    public static partial void RefreshFailed(ILogger logger, Exception exception, string cache);

    [LoggerMessage(21, LogLevel.Warning, "Cache {Cache}: {Failed} keys of the warm-up could not be filled; the warm-up goes on. Said once a warm-up.")]
    public static partial void WarmUpFailed(ILogger logger, Exception exception, string cache, int failed);

    [LoggerMessage(22, LogLevel.Warning, "Cache {Cache}: the registered IDistributedCache is a MemoryDistributedCache, which no other process sees, so the cache has no second level. Register a shared one, or none to end this message.")]
    public static partial void MemoryIsNoSecondLevel(ILogger logger, string cache);

    [LoggerMessage(8, LogLevel.Information, "Cache {Cache}: the invalidation log does not reach back far enough; the memory level was dropped.")]
    public static partial void HistoryLost(ILogger logger, string cache);

    [LoggerMessage(9, LogLevel.Warning, "Cache {Cache}: the invalidation log has been out of reach for too long; the memory level is suspect and bypassed.")]
    public static partial void Suspect(ILogger logger, string cache);

    [LoggerMessage(10, LogLevel.Information, "Cache {Cache}: in step with the invalidation log again; the memory level is back in use.")]
    public static partial void InStepAgain(ILogger logger, string cache);

    [LoggerMessage(23, LogLevel.Warning, "Cache {Cache}: {Rate:P0} of the requests are hits, fewer than HitRateFloor, {Floor:P0}.")]
    public static partial void HitRateLow(ILogger logger, string cache, double rate, double floor);

    [LoggerMessage(24, LogLevel.Information, "Cache {Cache}: {Rate:P0} of the requests are hits again.")]
    public static partial void HitRateBack(ILogger logger, string cache, double rate);

    [LoggerMessage(25, LogLevel.Error, "Cache {Cache}: a handler of an event has failed. The cache goes on.")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string cache);
}
