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
}
