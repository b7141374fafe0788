using System.Reflection;

namespace ScaleKit.Conventions.Tests;

/// <summary>Type names as C# writes them, with nullable annotations where they are known.</summary>
public static class ApiName
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(char)] = "char", [typeof(short)] = "short",
        [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong",
        [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal", [typeof(string)] = "string",
        [typeof(object)] = "object", [typeof(void)] = "void",
    };

    public static string Of(Type type) => Of(type, null);

    public static string Of(Type type, NullabilityInfo? nullability)
    {
        // Reflection cannot tell T from T? where nothing constrains T, so type parameters go without a mark.
        var isNullable = nullability is { ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable };
        var mark = isNullable && !type.IsValueType && !type.IsGenericParameter ? "?" : "";
        if (type.IsByRef || type.IsPointer)
        {
            return Of(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying) + "?";
        }

        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        return (Keywords.TryGetValue(type, out var keyword) ? keyword : Name(type, nullability)) + mark;
    }

    public static string Constraints(Type[] parameters)
    {
        var text = "";
        foreach (var parameter in parameters.Where(p => p.IsGenericParameter))
        {
            var flags = parameter.GenericParameterAttributes;
            var parts = new List<string>();
            if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            {
                parts.Add("class");
            }

            if (flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
            {
                parts.Add("struct");
            }
            else if (IsNotNull(parameter))
            {
                parts.Add("notnull");
            }

            parts.AddRange(parameter.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(Of).Order(StringComparer.Ordinal));
            if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
            {
                parts.Add("new()");
            }

            if (flags.HasFlag(GenericParameterAttributes.AllowByRefLike))
            {
                parts.Add("allows ref struct");
            }

            text += parts.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", parts)}";
        }

        return text;
    }

    /// <summary>The compiler writes 1 (not nullable) on an unconstrained parameter that says notnull.</summary>
    private static bool IsNotNull(Type parameter) =>
        !parameter.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)
        && parameter.GetGenericParameterConstraints().Length == 0
        && parameter.GetCustomAttributesData().Any(data => data.AttributeType.Name is "NullableAttribute" && data.ConstructorArguments[0].Value is (byte)1);

    private static string Name(Type type, NullabilityInfo? nullability)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        var name = type.Name.Split('`')[0];
        var all = type.GetGenericArguments();
        var outer = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var arguments = all.Skip(outer).Select((argument, index) => Of(argument, ArgumentOf(nullability, outer + index))).ToList();
        var own = arguments.Count == 0 ? name : $"{name}<{string.Join(", ", arguments)}>";
        return type.DeclaringType is { } declaring && !type.IsGenericParameter ? $"{Name(declaring, null)}.{own}" : own;
    }

    private static NullabilityInfo? ArgumentOf(NullabilityInfo? info, int index) =>
        info is not null && index < info.GenericTypeArguments.Length ? info.GenericTypeArguments[index] : null;
}
