namespace ScaleKit.RateLimiting;

/// <summary>How a call was answered. The zero value is the safe one.</summary>
public enum RateLimitOutcome
{
    /// <summary>Not enough permits are free now; nothing was taken.</summary>
    Refused = 0,

    /// <summary>The permits were taken.</summary>
    Acquired = 1,

    /// <summary>The kill switch is off, or the key is on the list of <see cref="RateLimitOptions.AllowedKeys"/>: let through, nothing was counted.</summary>
    Bypassed = 2,

    /// <summary>Nothing known locally, nothing was taken: only the asynchronous call can tell. The in-process store never answers so.</summary>
    Undecided = 3,

    /// <summary>Not enough permits are free, but the policy is in shadow mode (<see cref="RateLimitPolicy.IsShadow"/>): let through, nothing was taken.</summary>
    WouldRefuse = 4,

    /// <summary>The key is on the list of <see cref="RateLimitOptions.DeniedKeys"/>: refused, nothing was taken. Waiting does not help.</summary>
    Denied = 5,
}
