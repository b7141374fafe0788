namespace ScaleKit.Migration;

/// <summary>How values of one type are written into a column: as text or as bytes. Immutable and thread-safe.</summary>
/// <typeparam name="TValue">The type of the values.</typeparam>
public abstract class ValueFormat<TValue>
{
    /// <summary>Whether the column is text; otherwise bytes.</summary>
    public abstract bool IsText { get; }

    /// <summary>The text form, where <see cref="IsText"/>.</summary>
    public virtual string ToText(TValue value) => throw new NotSupportedException("These values are bytes.");

    /// <summary>Reads the text form back.</summary>
    public virtual TValue FromText(string text) => throw new NotSupportedException("These values are bytes.");

    /// <summary>The bytes, where not <see cref="IsText"/>.</summary>
    public virtual byte[] ToBytes(TValue value) => throw new NotSupportedException("These values are text.");

    /// <summary>Reads the bytes back.</summary>
    public virtual TValue FromBytes(byte[] bytes) => throw new NotSupportedException("These values are text.");
}
