namespace ScaleKit.Redis;

/// <summary>What <c>Acquire.lua</c> does with permits.</summary>
internal enum AcquireKind
{
    /// <summary>Takes them if they are free.</summary>
    Take = 0,

    /// <summary>Takes them also beyond the limit.</summary>
    Charge = 1,

    /// <summary>Gives them back.</summary>
    Refund = 2,
}
