using Microsoft.Extensions.Logging;

namespace ScaleKit.Redis;

/// <summary>All log messages of the package. None holds a key, a channel, a payload or a secret.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Connected to Redis at {EndPoint}.")]
    public static partial void Connected(ILogger logger, string endPoint);

    [LoggerMessage(2, LogLevel.Warning, "Redis at {EndPoint} does not answer yet. The application goes on, the client keeps trying.")]
    public static partial void NotYetConnected(ILogger logger, string endPoint);

    [LoggerMessage(3, LogLevel.Warning, "Lost the {Line} connection to Redis at {EndPoint}: {Failure}.")]
    public static partial void ConnectionLost(ILogger logger, string line, string endPoint, string failure);

    [LoggerMessage(4, LogLevel.Information, "The {Line} connection to Redis at {EndPoint} is back.")]
    public static partial void ConnectionRestored(ILogger logger, string line, string endPoint);

    [LoggerMessage(5, LogLevel.Warning, "The connection to Redis at {EndPoint} is silent: it is replaced by a new one.")]
    public static partial void ConnectionReplaced(ILogger logger, string endPoint);

    [LoggerMessage(6, LogLevel.Error, "Redis at {EndPoint} fails too often ({Failure}): calls are refused at once for {Pause}.")]
    public static partial void BreakerOpened(ILogger logger, string endPoint, string failure, TimeSpan pause);

    [LoggerMessage(7, LogLevel.Information, "Redis at {EndPoint} serves again.")]
    public static partial void BreakerClosed(ILogger logger, string endPoint);

    [LoggerMessage(8, LogLevel.Information, "Redis at {EndPoint} did not know the script {Script}; it was sent again.")]
    public static partial void ScriptReloaded(ILogger logger, string endPoint, string script);

    [LoggerMessage(9, LogLevel.Warning, "A subscription may have missed messages: {Reason}. Its listener catches up.")]
    public static partial void SubscriptionGap(ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Error, "A listener of a Redis channel failed.")]
    public static partial void ListenerFailed(ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Error, "Redis does not count rate limits ({Failure}); until it does again the mode is {Mode}.")]
    public static partial void RateLimitsWithoutRedis(ILogger logger, RateLimitFallback mode, RedisFailure failure, Exception? exception);

    [LoggerMessage(21, LogLevel.Information, "Redis counts rate limits again.")]
    public static partial void RateLimitsInRedisAgain(ILogger logger);

    [LoggerMessage(22, LogLevel.Error, "A rate limit in Redis was written by a version that this one does not know. It is left as it is; for such keys the mode is {Mode}. Told once.")]
    public static partial void RateLimitOfAnotherVersion(ILogger logger, RateLimitFallback mode);
}
