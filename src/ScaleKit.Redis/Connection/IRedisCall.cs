using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>One command, apart from how it is guarded.</summary>
/// <typeparam name="T">The answer.</typeparam>
internal interface IRedisCall<out T>
{
    /// <summary>Hands the command to the client.</summary>
    Task Send(IConnectionMultiplexer client);

    /// <summary>Hands it over once more after the server did not know its script, this time with the script.</summary>
    Task SendAgain(IConnectionMultiplexer client) => Send(client);

    /// <summary>The answer out of the completed task.</summary>
    T Read(Task completed);
}
