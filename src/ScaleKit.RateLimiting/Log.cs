using Microsoft.Extensions.Logging;

namespace ScaleKit.RateLimiting;

/// <summary>All log messages of the package. Names are escaped by the caller; keys are never logged.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Unknown rate limit policy {Policy} is answered by 'default'. Further unknown names are not logged until the policies change.")]
    public static partial void UnknownPolicy(ILogger logger, string policy);

    [LoggerMessage(2, LogLevel.Information, "Rate limit policies changed: {Count} policies, enabled: {Enabled}.")]
    public static partial void PoliciesChanged(ILogger logger, int count, bool enabled);

    [LoggerMessage(3, LogLevel.Error, "A change of the rate limit configuration is invalid and was ignored; the former policies stay in force.")]
    public static partial void ChangeIgnored(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The rate limit store holds its maximum of {MaximumKeys} keys; further keys share windows and may be refused for each other's calls.")]
    public static partial void KeysShared(ILogger logger, int maximumKeys);

    [LoggerMessage(5, LogLevel.Information, "The rate limit store has room again: new keys get windows of their own.")]
    public static partial void KeysOwnAgain(ILogger logger);
}
