using Microsoft.Extensions.Logging;
using ScaleKit.Admission;

namespace ScaleKit.AspNetCore;

/// <summary>Never a key, a room or a path: they come from users.</summary>
internal static partial class Log
{
    public const string Category = "ScaleKit.AspNetCore";

    [LoggerMessage(1, LogLevel.Debug, "A request was refused by rate limit policy {Policy}; retry after {Seconds} s")]
    public static partial void RateLimited(ILogger logger, string policy, long seconds);

    [LoggerMessage(2, LogLevel.Debug, "A request got no seat: {Refusal}, {Cap}; retry after {Seconds} s")]
    public static partial void NotAdmitted(ILogger logger, AdmissionRefusal refusal, AdmissionCap cap, long seconds);

    [LoggerMessage(3, LogLevel.Debug, "A request named a room or a visitor that cannot be one")]
    public static partial void BadRoom(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "{Share:P1} of the requests fail, more than ErrorRateLimit, {Limit:P1}")]
    public static partial void ErrorRateHigh(ILogger logger, double share, double limit);

    [LoggerMessage(5, LogLevel.Warning, "{Share:P1} of the requests take longer than LatencyLimit, {Limit}; 5 % may")]
    public static partial void LatencyHigh(ILogger logger, double share, TimeSpan limit);

    [LoggerMessage(6, LogLevel.Information, "{Objective} is kept again: {Share:P1} of the requests miss its limit")]
    public static partial void ObjectiveKept(ILogger logger, ServiceLevelObjective objective, double share);

    [LoggerMessage(7, LogLevel.Error, "A handler of an event has failed. The requests go on")]
    public static partial void HandlerFailed(ILogger logger, Exception exception);
}
