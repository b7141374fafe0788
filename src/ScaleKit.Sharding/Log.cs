using Microsoft.Extensions.Logging;

namespace ScaleKit.Sharding;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Router {Router}: topology {Version} ({Fingerprint}, {Shards} shards) replaces {Previous}")]
    public static partial void Swapped(ILogger logger, string router, long version, string fingerprint, int shards, long previous);

    [LoggerMessage(2, LogLevel.Warning, "Router {Router}: topology {Offered} refused, {Current} is in force")]
    public static partial void Stale(ILogger logger, string router, long offered, long current);

    [LoggerMessage(3, LogLevel.Warning, "Router {Router}: topology {Offered} refused, the topology is frozen at {Current}")]
    public static partial void Frozen(ILogger logger, string router, long offered, long current);

    [LoggerMessage(4, LogLevel.Warning, "Router {Router}: {State}")]
    public static partial void Switched(ILogger logger, string router, string state);
}
