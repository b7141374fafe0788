using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>Turns whatever the client throws into a <see cref="RedisUnavailableException"/>.</summary>
internal static class CallFailure
{
    private const string NoScript = "NOSCRIPT";

    // Errors that tell a state of the server, which passes, and not a defect of the command. Source: the error replies of Redis 7.
    private static readonly string[] PassingStates =
        ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "OOM", "BUSY", "NOREPLICAS", "NOAUTH", "WRONGPASS", "UNKILLABLE", "MOVED", "ASK"];

    public static bool IsNoScript(Task task) =>
        task.Exception?.InnerException is RedisServerException e && e.Message.StartsWith(NoScript, StringComparison.Ordinal);

    /// <summary>True when the primary has become a replica, so that the client should look for the new one.</summary>
    public static bool IsReadOnly(RedisUnavailableException failure) =>
        failure.InnerException is RedisServerException e && e.Message.StartsWith("READONLY", StringComparison.Ordinal);

    public static RedisUnavailableException From(Exception thrown, string operation, string endPoint)
    {
        var (failure, detail) = thrown switch
        {
            RedisConnectionException e => (RedisFailure.NotConnected, $"not connected ({e.FailureType})."),
            RedisServerException e => (ServerFailure(e.Message), $"the server answered {Text.Shorten(WithoutArguments(e.Message))}."),
            TimeoutException => (RedisFailure.TimedOut, "the client gave up waiting."),
            OperationCanceledException or ObjectDisposedException => (RedisFailure.NotConnected, "the connection was closed meanwhile."),
            RedisException or ArgumentException or InvalidOperationException =>
                (RedisFailure.CommandRefused, $"the client refused the command ({thrown.GetType().Name})."),
            _ => (RedisFailure.NotConnected, $"not connected ({thrown.GetType().Name})."),
        };
        return new RedisUnavailableException(failure, operation, endPoint, detail, innerException: thrown);
    }

    private static RedisFailure ServerFailure(string message) =>
        Array.Exists(PassingStates, state => message.StartsWith(state, StringComparison.Ordinal))
            ? RedisFailure.ServerUnready
            : RedisFailure.CommandRefused;

    // "ERR unknown command 'X', with args beginning with: ..." repeats what the user sent.
    private static string WithoutArguments(string message) =>
        message.IndexOf(", with args", StringComparison.Ordinal) is var at and > 0 ? message[..at] : message;
}
