namespace ScaleKit.Redis;

/// <summary>Why Redis was of no use to a call.</summary>
public enum RedisFailure
{
    /// <summary>There is no connection, or it broke before the answer came.</summary>
    NotConnected,

    /// <summary>No answer came within <see cref="RedisOptions.CallTimeout"/>. The server may have carried out the call, or may still do so.</summary>
    TimedOut,

    /// <summary>Too many calls failed lately, so this one was not sent at all.</summary>
    CircuitOpen,

    /// <summary>The server answered with an error that is a state of the server: loading, read-only, out of memory, cluster down, no permission.</summary>
    ServerUnready,

    /// <summary>The server or the client refused the command itself. This is a defect of the caller, so the circuit breaker does not count it.</summary>
    CommandRefused,
}
