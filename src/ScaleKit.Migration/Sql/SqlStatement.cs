namespace ScaleKit.Migration;

/// <summary>A statement and the names of its parameters, in the order in which they are bound. A connection prepares it once; it is known by reference.</summary>
internal sealed class SqlStatement(string text, params string[] parameters)
{
    public string Text { get; } = text;

    public string[] Parameters { get; } = parameters;
}
