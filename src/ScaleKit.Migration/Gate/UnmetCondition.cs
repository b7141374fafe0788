namespace ScaleKit.Migration;

/// <summary>Something that a move asks for and that is not there, as data. Immutable.</summary>
/// <param name="Condition">What is asked for.</param>
/// <param name="Measured">What was found.</param>
/// <param name="Required">What it must be.</param>
/// <param name="Message">The same as a sentence that says what to do; so does <see cref="ToString"/>.</param>
public sealed record UnmetCondition(GateCondition Condition, string Measured, string Required, string Message)
{
    /// <summary>
    /// Whether a person may go on without it: evidence can be overridden with a reason, what the protocol needs cannot.
    /// </summary>
    public bool IsOverridable => Condition >= GateCondition.Verified;

    /// <summary>The message.</summary>
    public override string ToString() => Message;
}
