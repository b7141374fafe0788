namespace ScaleKit.RateLimiting;

/// <summary>Names of the meter, its instruments and their tags. A key is never a tag.</summary>
public static class RateLimitingDiagnostics
{
    /// <summary>The meter: <c>ScaleKit.RateLimiting</c>.</summary>
    public const string MeterName = "ScaleKit.RateLimiting";

    /// <summary>The activity source: <c>ScaleKit.RateLimiting</c>.</summary>
    public const string ActivitySourceName = "ScaleKit.RateLimiting";

    /// <summary>
    /// Activity: a call that waited in line for permits; tags <see cref="PolicyTag"/> and <see cref="ResultTag"/>. An error with <see cref="ErrorTag"/> where the wait
    /// ended with an exception; a cancelled one has neither result nor error.
    /// </summary>
    public const string WaitActivity = "scalekit.rate_limit.wait";

    /// <summary>Counter, {request}: calls answered, by <see cref="PolicyTag"/> and <see cref="ResultTag"/>. Peeks are not counted.</summary>
    public const string Requests = "scalekit.rate_limit.requests";

    /// <summary>Up-down counter (observed), {key}: keys that the in-process store holds a window for.</summary>
    public const string Keys = "scalekit.rate_limit.keys";

    /// <summary>Counter (observed), {request}: calls answered from a shared window because the store held its maximum of keys.</summary>
    public const string SharedRequests = "scalekit.rate_limit.shared_requests";

    /// <summary>Up-down counter (observed), {request}: calls that wait in line for permits.</summary>
    public const string WaitingRequests = "scalekit.rate_limit.waiting_requests";

    /// <summary>Tag: the type of the exception of an activity that failed. Never its message: that may hold a key.</summary>
    public const string ErrorTag = "error.type";

    /// <summary>Tag: name of a configured policy. Unknown names appear as <c>default</c>.</summary>
    public const string PolicyTag = "scalekit.rate_limit.policy";

    /// <summary>
    /// Tag: <c>acquired</c>, <c>refused</c>, <c>would_refuse</c> (shadow mode), <c>denied</c> (deny list) or <c>bypass</c> (kill switch, allow list); <c>undecided</c>
    /// where a store would have to be asked.
    /// </summary>
    public const string ResultTag = "scalekit.rate_limit.result";
}
