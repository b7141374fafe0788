using System.Reflection;
using System.Text;

namespace ScaleKit.Conventions.Tests;

/// <summary>The identifier under which the compiler files the documentation of a member (C# standard, annex D.4).</summary>
public static class XmlDocId
{
    public static string Of(MemberInfo member) => member switch
    {
        Type type => "T:" + NameOf(type),
        ConstructorInfo constructor => $"M:{NameOf(constructor.DeclaringType!)}.#ctor{Parameters(constructor.GetParameters())}",
        MethodInfo method => Method(method),
        PropertyInfo property => $"P:{NameOf(property.DeclaringType!)}.{Escape(property.Name)}{Parameters(property.GetIndexParameters())}",
        FieldInfo field => $"F:{NameOf(field.DeclaringType!)}.{field.Name}",
        EventInfo happening => $"E:{NameOf(happening.DeclaringType!)}.{Escape(happening.Name)}",
        _ => throw new ArgumentException($"No identifier for {member.MemberType} {member.Name}", nameof(member)),
    };

    private static string Method(MethodInfo method)
    {
        var arity = method.IsGenericMethod ? "``" + method.GetGenericArguments().Length : "";
        var id = $"M:{NameOf(method.DeclaringType!)}.{Escape(method.Name)}{arity}{Parameters(method.GetParameters())}";
        return method.Name is "op_Implicit" or "op_Explicit" ? $"{id}~{Reference(method.ReturnType)}" : id;
    }

    private static string Escape(string name) => name.Replace('.', '#').Replace('<', '{').Replace('>', '}');

    private static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static string Parameters(ParameterInfo[] parameters) =>
        parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(p => Reference(p.ParameterType)))})";

    private static string Reference(Type type)
    {
        if (type.IsByRef)
        {
            return Reference(type.GetElementType()!) + "@";
        }

        if (type.IsPointer)
        {
            return Reference(type.GetElementType()!) + "*";
        }

        if (type.IsArray)
        {
            var rank = type.GetArrayRank();
            var bounds = rank == 1 ? "" : string.Join(',', Enumerable.Repeat("0:", rank));
            return $"{Reference(type.GetElementType()!)}[{bounds}]";
        }

        if (type.IsGenericParameter)
        {
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        }

        return type.IsGenericType ? Generic(type) : type.FullName!.Replace('+', '.');
    }

    /// <summary>Arguments stand at the level of nesting that declares them.</summary>
    private static string Generic(Type type)
    {
        var arguments = type.GetGenericArguments();
        var text = new StringBuilder();
        var used = 0;
        foreach (var part in NameOf(type).Split('.'))
        {
            text.Append(text.Length == 0 ? "" : ".");
            var tick = part.IndexOf('`', StringComparison.Ordinal);
            if (tick < 0)
            {
                text.Append(part);
                continue;
            }

            var count = int.Parse(part[(tick + 1)..], System.Globalization.CultureInfo.InvariantCulture);
            text.Append(part, 0, tick).Append('{').AppendJoin(',', arguments.Skip(used).Take(count).Select(Reference)).Append('}');
            used += count;
        }

        return text.ToString();
    }
}
