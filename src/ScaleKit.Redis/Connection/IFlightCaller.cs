namespace ScaleKit.Redis;

/// <summary>One of those whom a call to Redis has answered.</summary>
internal interface IFlightCaller
{
    /// <summary>The caller goes on at once, on this thread, unless it was cancelled. Nobody may touch this object afterwards.</summary>
    void GoOn();
}
