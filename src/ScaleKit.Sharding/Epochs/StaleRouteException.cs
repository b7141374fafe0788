namespace ScaleKit.Sharding;

/// <summary>A store refused a call that was routed by an outdated topology. Nothing was read or written: take the newer topology and route again.</summary>
public sealed class StaleRouteException : InvalidOperationException
{
    /// <summary>Makes the exception.</summary>
    public StaleRouteException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened.</param>
    public StaleRouteException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why.</param>
    public StaleRouteException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="token">The token that was refused.</param>
    /// <param name="required">The lowest version that would have passed.</param>
    public StaleRouteException(RouteToken token, long required)
        : base($"The call was routed by topology {token.Version}, but its slot moved with topology {required}. Take the newer topology and route again.")
    {
        Token = token;
        Required = required;
    }

    /// <summary>The token that was refused.</summary>
    public RouteToken Token { get; }

    /// <summary>The lowest version that would have passed, or 0.</summary>
    public long Required { get; }
}
