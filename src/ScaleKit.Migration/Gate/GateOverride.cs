namespace ScaleKit.Migration;

/// <summary>A person's decision to move on without some of the evidence. It stands in the audit log. Immutable.</summary>
public sealed record GateOverride
{
    private const int LengthMaximum = 1000;

    /// <summary>A decision.</summary>
    /// <param name="by">Who decides; 1 to 1,000 characters.</param>
    /// <param name="reason">Why; 1 to 1,000 characters.</param>
    /// <exception cref="ArgumentException">A text is missing or too long.</exception>
    public GateOverride(string by, string reason)
    {
        By = Check(by, nameof(by));
        Reason = Check(reason, nameof(reason));
    }

    /// <summary>Who decides.</summary>
    public string By { get; }

    /// <summary>Why.</summary>
    public string Reason { get; }

    private static string Check(string text, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text, name);
        return text.Length <= LengthMaximum ? text : throw new ArgumentException($"{name} has {text.Length} characters; at most {LengthMaximum} are kept.", name);
    }
}
