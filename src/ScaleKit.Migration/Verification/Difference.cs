namespace ScaleKit.Migration;

/// <summary>A confirmed difference.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <param name="Key">The key; it comes from users, so do not log it raw.</param>
/// <param name="Kind">How the stores differ.</param>
/// <param name="Sequencer">The version in the store that issues versions; <see cref="RowVersion.None"/> if it has none.</param>
/// <param name="Mirror">The version in the mirror; <see cref="RowVersion.None"/> if it has none.</param>
public sealed record Difference<TKey>(TKey Key, DifferenceKind Kind, RowVersion Sequencer, RowVersion Mirror)
    where TKey : notnull;
