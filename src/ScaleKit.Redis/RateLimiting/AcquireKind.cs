namespace ScaleKit.Redis;

/// <summary>What <c>Acquire.lua</c> does with permits.</summary>
internal enum AcquireKind
{
    /// <summary>Takes them if they are free.</summary>
    Take = 0,

    /// <summary>Takes them also beyond the limit.</summary>
    Charge = 1,

    /// <summary>Gives them back, the oldest ones first.</summary>
    Refund = 2,

    /// <summary>Gives them back to the bucket that they were taken in, which stands in place of the callers.</summary>
    Return = 3,
}
