namespace ScaleKit.Migration;

/// <summary>A debt that the mirror refuses again and again while it takes others. It stays in the outbox, and the next rung is refused while it is there. Immutable.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <param name="Key">The key; it comes from users, so do not log it raw.</param>
/// <param name="Version">The version that was tried last.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Reason">What the mirror said last.</param>
public sealed record DeadLetter<TKey>(TKey Key, RowVersion Version, int Attempts, string Reason)
    where TKey : notnull;
